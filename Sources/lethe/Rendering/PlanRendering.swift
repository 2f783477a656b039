internal import Foundation
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry
internal import LetheReports

/// What honouring a request would take, in words and as JSON.
struct PlanRendering {
    let plan: ForgetPlan
    /// Why this recipe.
    let reason: String
    let policy: Policy

    private var outlooks: [GateOutlook] {
        let named = Dictionary(
            plan.classes.filter { $0.namedCount > 0 }.map { ($0.label, $0.namedCount) }
        ) { first, _ in first }
        let byRequest = plan.requests.filter { $0.samples != nil }.map { ($0.id, named) }
        return GateOutlook.outlooks(
            OutlookInput(
                requests: plan.earlier + plan.requests, testCounts: plan.classes.map(\.testCount),
                named: Dictionary(byRequest) { first, _ in first }, policy: policy,
                sequenceNumber: plan.sequenceNumber))
    }

    var text: String {
        let trial = plan.trial
        var lines = [
            "Nothing was changed. This is what would be done to \(plan.version.name):", "",
            "forget   " + plan.requests.map(\.coverage).joined(separator: "; "),
            "method   \(plan.recipe.method) by the recipe \(plan.recipe.name), because \(reason)",
            time(trial),
            "storage  " + (plan.storage.isMeasured ? "about " : "at most ")
                + Numbers.size(plan.storage.sizeBytes)
                + (plan.storage.isMeasured
                    ? ", as this line's last run of this recipe" : ", all weights anew"),
        ]
        for pool in trial.pools { lines.append("         \(pool.purpose): \(pool.imageCount)") }
        lines += ["", classes, "", warnings, "", gates, "", RadiusRendering.text(plan.radius)]
        return lines.joined(separator: "\n")
    }

    private func time(_ trial: TimedTrial) -> String {
        guard trial.timedStepCount > 0 else {
            return "time     \(seconds(trial.preparationSeconds)), measured as a whole"
        }
        return "time     about \(seconds(trial.estimatedSeconds)): preparation "
            + "\(seconds(trial.preparationSeconds)), at most \(trial.stepCount) steps of "
            + "\(String(format: "%.3f", trial.secondsPerStep)) s (\(trial.timedStepCount) were "
            + "timed just now); checks come on top"
    }

    private func seconds(_ value: Double) -> String {
        value < 120 ? String(format: "%.1f s", value) : String(format: "%.0f min", value / 60)
    }

    private var classes: String {
        var table = Table(
            ["class", "", "to forget", "to retain", "test"], numbers: [0, 2, 3, 4])
        for item in plan.classes {
            let isForgotten = item.role == .forgotten
            table.add(
                "\(item.label)", item.role.rawValue,
                "\(isForgotten ? item.trainingCount : item.namedCount)",
                "\(item.role == .retained ? item.trainingCount : 0)", "\(item.testCount)")
        }
        return table.text
    }

    private var warnings: String {
        let none = plan.withoutData.map(String.init).joined(separator: ", ")
        let few = plan.withFewData.map(String.init).joined(separator: ", ")
        return [
            none.isEmpty
                ? "Every retained class has training samples."
                : "Retained classes without a training sample, which will decay: \(none).",
            few.isEmpty ? nil : "Retained classes with fewer than \(PlannedClass.few): \(few).",
        ].compactMap { $0 }.joined(separator: "\n")
    }

    private var gates: String {
        var table = Table(
            ["gate of \(policy.name)", "subject", "needs", "has", "", "supposing"],
            numbers: [2, 3])
        for outlook in outlooks {
            table.add(
                outlook.gate, outlook.subject, outlook.needs.map(String.init) ?? "more than 10^6",
                "\(outlook.has)", outlook.canHold ? "can hold" : "CANNOT HOLD", outlook.assumes)
        }
        return table.text
    }

    func json() throws -> JSONValue {
        .object([
            "version": .string(plan.version.name), "recipe": .string(plan.recipe.name),
            "method": .string(plan.recipe.method), "reason": .string(reason),
            "requests": .array(try plan.requests.map { try $0.json() }),
            "trial": .object([
                "stepCount": .number(Double(plan.trial.stepCount)),
                "timedStepCount": .number(Double(plan.trial.timedStepCount)),
                "secondsPerStep": .number(plan.trial.secondsPerStep),
                "preparationSeconds": .number(plan.trial.preparationSeconds),
                "estimatedSeconds": .number(plan.trial.estimatedSeconds),
                "pools": .array(
                    plan.trial.pools.map {
                        .object([
                            "purpose": .string($0.purpose),
                            "imageCount": .number(Double($0.imageCount)),
                        ])
                    }),
            ]),
            "storage": .object([
                "sizeBytes": .number(Double(plan.storage.sizeBytes)),
                "isMeasured": .bool(plan.storage.isMeasured),
            ]),
            "classes": .array(plan.classes.map(Self.json)),
            "withoutData": .array(plan.withoutData.map { .number(Double($0)) }),
            "withFewData": .array(plan.withFewData.map { .number(Double($0)) }),
            "gates": .array(outlooks.map(Self.json)),
            "reach": RadiusRendering.json(plan.radius),
        ])
    }

    private static func json(_ item: PlannedClass) -> JSONValue {
        .object([
            "label": .number(Double(item.label)), "role": .string(item.role.rawValue),
            "trainingCount": .number(Double(item.trainingCount)),
            "namedCount": .number(Double(item.namedCount)),
            "testCount": .number(Double(item.testCount)),
        ])
    }

    private static func json(_ outlook: GateOutlook) -> JSONValue {
        .object([
            "gate": .string(outlook.gate), "subject": .string(outlook.subject),
            "counted": .string(outlook.counted), "has": .number(Double(outlook.has)),
            "needs": outlook.needs.map { .number(Double($0)) } ?? .null,
            "best": .number(outlook.best), "limit": .number(outlook.limit),
            "canHold": .bool(outlook.canHold), "assumes": .string(outlook.assumes),
        ])
    }
}
