internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry

/// Requests to erase, for a person and for a program.
enum CaseRendering {
    static func write(_ file: CaseFile, to output: Output, now: Timestamp) throws {
        let json = output.asJSON ? try json(file, now: now) : .null
        output.write(
            json,
            text: "\(file.opening.id) is \(file.state.words)"
                + (file.isOpen ? clock(file, now) : "")
                + "\nNext: \(file.state.advice(file.opening.id))")
    }

    static func table(_ files: [CaseFile], now: Timestamp) -> String {
        guard !files.isEmpty else { return "No request." }
        var table = Table(["request", "model", "asks for", "reference", "state", "due", ""])
        for file in files {
            let opening = file.opening
            table.add(
                opening.id, opening.model, opening.coverage, opening.requester,
                file.state.rawValue, file.isOpen ? "\(file.due)" : "",
                file.isOpen ? days(file, now) : "")
        }
        return table.text
    }

    static func details(_ file: CaseFile, now: Timestamp) -> String {
        let opening = file.opening
        var lines = [
            "request    \(opening.id)",
            "model      \(opening.model)",
            "asks for   \(opening.coverage) of \(opening.dataset.name)",
            "reference  \(opening.requester)",
            "basis      \(opening.basis.rawValue)",
            "received   \(opening.received)",
            "state      \(file.state.words)" + (file.isOpen ? clock(file, now) : ""), "",
        ]
        var table = Table(["when", "step", "", "signed by"])
        for step in file.steps {
            table.add(
                "\(step.created)", step.step.rawValue, words(step, of: opening.model),
                step.operatorKey)
        }
        if !file.steps.isEmpty { lines += [table.text, ""] }
        lines.append("Next: \(file.state.advice(opening.id))")
        return lines.joined(separator: "\n")
    }

    private static func words(_ step: CaseStep, of model: String) -> String {
        let parts: [String?] = [
            step.version.map { "\(model)@v\($0.number)" },
            step.requests.map { $0.map(\.id).joined(separator: " ") },
            step.reach.map {
                "\($0.versionCount) versions, \(Numbers.size($0.goingSizeBytes)) go"
            },
            step.remaining.map { $0.isEmpty ? "nothing remains" : "\($0.count) things remain" },
            step.recipientCount.map { "\($0) recipients" },
            step.approvalMinimum.map { "\($0) operators have to" }, step.reason,
        ]
        return parts.compactMap { $0 }.joined(separator: "; ")
    }

    private static func clock(_ file: CaseFile, _ now: Timestamp) -> String {
        ", due \(file.due), \(days(file, now))"
    }

    private static func days(_ file: CaseFile, _ now: Timestamp) -> String {
        let seconds = file.due.secondsSince1970 - now.secondsSince1970
        let days = abs(seconds) / 86400
        return seconds < 0 ? "OVERDUE by \(days) days" : "\(days) days left"
    }

    static func json(_ file: CaseFile, now: Timestamp) throws -> JSONValue {
        .object([
            "request": try file.opening.json(), "state": .string(file.state.rawValue),
            "due": .string("\(file.due)"),
            "overdue": .bool(file.isOpen && file.due < now),
            "steps": .array(try file.steps.map { try $0.json() }),
            "next": .string(file.state.advice(file.opening.id)),
        ])
    }

    static func text(_ settlement: Settlement) -> String {
        var lines = settlement.written.map { "\($0.id): \($0.step.rawValue)" }
        for one in settlement.waiting {
            lines.append("\(one.id) waits:")
            lines += one.reasons.map { "  \($0)" }
        }
        return lines.isEmpty ? "No request is open." : lines.joined(separator: "\n")
    }

    static func json(_ settlement: Settlement) -> JSONValue {
        .object([
            "written": .array(
                settlement.written.map {
                    .object(["request": .string($0.id), "step": .string($0.step.rawValue)])
                }),
            "waiting": .array(
                settlement.waiting.map {
                    .object([
                        "request": .string($0.id),
                        "reasons": .array($0.reasons.map(JSONValue.string)),
                    ])
                }),
        ])
    }
}
