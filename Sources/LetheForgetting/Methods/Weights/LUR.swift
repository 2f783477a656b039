import LetheRecords
import LetheTensor

/// Learning to unlearn while retaining (LUR, arXiv:2503.06339): the forget loss is evaluated after
/// a small step on the retain loss, J = L_r(theta) + L_f(theta - alpha grad L_r(theta)), which
/// rewards gradients that do not pull against each other (methods.md section 3).
///
/// The paper leaves open whether it differentiates through the inner step: `level` chooses the
/// plain sum, the first-order form or the exact gradient. The forget loss of each of its
/// experiments is not known either: ours is the cross entropy to wrong labels, or the bounded
/// ascent of GS-LoRA.
struct LURParameters: WeightMethodParameters {
    /// What the forget loss is.
    enum ForgetLoss: String, CaseIterable, Sendable {
        case wrongLabels
        case boundedAscent
    }

    /// Which loss takes the inner step.
    enum Order: String, CaseIterable, Sendable {
        case retainFirst
        case forgetFirst
    }

    static let method = "lur"
    let steps: StepPlan
    let level: LookAhead.Level
    let order: Order
    let innerRate: Double
    let forgetLoss: ForgetLoss
    let forgetBound: Double
    let comparesAtStart: Bool

    init(_ reader: inout ParameterReader) throws(LetheError) {
        steps = try StepPlan(&reader, StepPlan.Defaults())
        level = try reader.choice("level", default: LookAhead.Level.exact)
        order = try reader.choice("order", default: Order.retainFirst)
        innerRate = try reader.number("innerRate", default: 0.01, in: 0...10)
        forgetLoss = try reader.choice("forgetLoss", default: ForgetLoss.wrongLabels)
        forgetBound = try reader.number("forgetBound", default: 5, in: 0...1e3)
        comparesAtStart = try reader.flag("comparesAtStart", default: false)
    }

    func procedure(_ problem: ForgetProblem) throws(LetheError) -> WeightProcedure {
        .steps(LUR(problem, self), steps)
    }
}

/// An epoch is one pass over the retained samples; forget batches come round as they are needed.
final class LUR: WeightMethod {
    let problem: ForgetProblem
    let schedule: PassSchedule
    let drawsBothPools = true
    private let plan: LURParameters
    private var conflict = ConflictRecord()
    private(set) var lastLook: GradientLook?

    init(
        _ problem: ForgetProblem, _ plan: LURParameters
    ) {
        self.problem = problem
        self.plan = plan
        schedule = problem.schedule(epochs: plan.steps.epochCount, of: [.retain])
    }

    func gradients(step: Int) throws(LetheError) -> [String: Double] {
        let retained = try problem.batch(.retain, step: step)
        let forgotten = try problem.batch(.forget, step: step)
        var source = problem.seed.source("wrong labels", step)
        let wrong = try WrongLabels.draw(
            for: forgotten.labels, classCount: problem.classCount, &source)
        let retain: LookAhead.Loss = { [problem] () throws(LetheError) in
            try problem.trainingLogits(retained.images).crossEntropy(labels: retained.labels)
        }
        let forget: LookAhead.Loss = { [problem, plan] () throws(LetheError) in
            let logits = try problem.trainingLogits(forgotten.images)
            switch plan.forgetLoss {
            case .wrongLabels: return try logits.crossEntropy(labels: wrong)
            case .boundedAscent:
                return try GSLoRALosses.boundedForgetting(
                    crossEntropy: logits.crossEntropy(labels: forgotten.labels),
                    bound: plan.forgetBound)
            }
        }
        let isRetainFirst = plan.order == .retainFirst
        let result = try LookAhead(
            level: plan.level, innerRate: plan.innerRate, comparesAtStart: plan.comparesAtStart
        ).gradient(
            inner: isRetainFirst ? retain : forget, outer: isRetainFirst ? forget : retain,
            parameters: parameters, statistics: statistics)
        try result.gradient.put(on: parameters)
        conflict.add(result.conflict)
        let norms = [result.conflict.innerNorm, result.conflict.outerNorm]
        lastLook = GradientLook(
            step: step + 1, forgetNorm: norms[isRetainFirst ? 1 : 0],
            retainNorm: norms[isRetainFirst ? 0 : 1], cosine: result.conflict.cosine)
        return result.conflict.figures.merging(["loss": result.loss]) { $1 }
    }

    func check(step: Int) throws(LetheError) -> SelectionCheck {
        var check = try problem.check()
        check.figures.merge(conflict.figures) { $1 }
        return check
    }
}
