import LetheRecords
import LetheReports
import LetheVision

/// Runs the probes of a policy on one model.
struct ProbeRun {
    let plan: ProbePolicy
    let samples: ProbeSamples
    /// Found with the line's first version; nil where the policy does not ask for the attack.
    private var neighbours: NeighbourAttack?

    /// Takes what is to be done.
    init(plan: ProbePolicy, samples: ProbeSamples) {
        self.plan = plan
        self.samples = samples
    }

    /// The same run, which knows the neighbours of the forgotten classes.
    func knowingNeighbours(_ original: ProbedModel) throws(LetheError) -> ProbeRun {
        var run = self
        if plan.neighbourClass != nil {
            run.neighbours = try NeighbourAttack(original, samples: samples)
        }
        return run
    }

    /// What every probe but those of weights finds.
    ///
    /// - Parameter isOriginal: The first version, which knows the classes still, is not trained
    ///   on: its ordinary answers are the ceiling of relearning.
    func answers(
        _ model: ProbedModel, isOriginal: Bool = false
    ) throws(LetheError) -> ProbeAnswers {
        var answers = ProbeAnswers()
        for count in plan.headRefit?.imagesPerClass ?? [] {
            add(
                try HeadRefit.hits(model, samples: samples, imagesPerClass: count), .headRefit,
                count, to: &answers)
        }
        for count in plan.prototype?.imagesPerClass ?? [] {
            add(
                try PrototypeRecovery.hits(model, samples: samples, imagesPerClass: count),
                .prototype, count, to: &answers)
        }
        if plan.membership != nil {
            add(
                try MembershipAttack.hits(model, samples: samples), .membership, nil, to: &answers)
        }
        for bits in plan.rounding?.bits ?? [] {
            add(
                try RoundedAccuracy.hits(model, samples: samples, bits: bits), .rounding, bits,
                to: &answers)
        }
        if let neighbours {
            add(
                try neighbours.hits(model, samples: samples), .neighbourClass, nil, to: &answers)
        }
        try relearn(model, isOriginal: isOriginal, &answers)
        return answers
    }

    private func relearn(
        _ model: ProbedModel, isOriginal: Bool, _ answers: inout ProbeAnswers
    ) throws(LetheError) {
        guard let relearning = plan.relearning else { return }
        let steps: [Int?] = (relearning.measuredSteps ?? []) + [nil]
        for count in relearning.imagesPerClass {
            let ceiling = isOriginal ? try ordinary(model) : [:]
            let curve =
                isOriginal
                ? steps.map { ($0, ceiling) }
                : try Relearning(plan: relearning).curve(
                    model, samples: samples, imagesPerClass: count)
            for (step, hits) in curve {
                add(hits, .relearning, count, step, to: &answers)
            }
        }
    }

    private func ordinary(_ model: ProbedModel) throws(LetheError) -> [String: [Bool]?] {
        var hits: [String: [Bool]?] = [:]
        for request in samples.requests {
            hits.updateValue(try model.hits(samples.test(of: request)), forKey: request.id)
        }
        return hits
    }

    /// What is one number between a model and the line's first version: divergence of outputs,
    /// distance of weights, barrier.
    func numbers(
        _ model: ProbedModel, from original: ProbedModel, to answers: inout ProbeAnswers
    ) throws(LetheError) {
        func add(_ value: Double?, _ probe: ProbeKind, _ setting: Int? = nil) {
            answers.values.updateValue(
                value, forKey: ProbeKey(probe: probe, request: nil, setting: setting))
        }
        if plan.outputDivergence != nil {
            add(
                try OutputDivergence.value(model, from: original, samples: samples),
                .outputDivergence)
        }
        guard let path = plan.weightDistance else { return }
        add(try WeightPath.distance(model, from: original), .weightDistance)
        let pointCount = path.barrierPointCount
        guard pointCount > 0 else { return }
        add(
            try WeightPath.barrier(
                model, from: original, samples: samples, pointCount: pointCount),
            .lossBarrier, pointCount)
    }

    private func add(
        _ hits: [String: [Bool]?], _ probe: ProbeKind, _ setting: Int?, _ stepCount: Int? = nil,
        to answers: inout ProbeAnswers
    ) {
        for (request, found) in hits {
            answers.hits.updateValue(
                found,
                forKey: ProbeKey(
                    probe: probe, request: request, setting: setting, stepCount: stepCount))
        }
    }
}
