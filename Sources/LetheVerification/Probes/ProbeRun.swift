import LetheRecords
import LetheReports
import LetheVision

/// Runs the probes of a policy on one model.
struct ProbeRun {
    let plan: ProbePolicy
    let samples: ProbeSamples

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
        try relearn(model, isOriginal: isOriginal, &answers)
        return answers
    }

    private func relearn(
        _ model: ProbedModel, isOriginal: Bool, _ answers: inout ProbeAnswers
    ) throws(LetheError) {
        guard let relearning = plan.relearning else { return }
        for count in relearning.imagesPerClass {
            let hits =
                isOriginal
                ? try ordinary(model)
                : try Relearning(plan: relearning).hits(
                    model, samples: samples, imagesPerClass: count)
            add(hits, .relearning, count, to: &answers)
        }
    }

    private func ordinary(_ model: ProbedModel) throws(LetheError) -> [String: [Bool]?] {
        var hits: [String: [Bool]?] = [:]
        for request in samples.requests {
            hits.updateValue(try model.hits(samples.test(of: request)), forKey: request.id)
        }
        return hits
    }

    /// The distance and the barrier between a model and the line's first version.
    func weights(
        _ model: ProbedModel, from original: ProbedModel, to answers: inout ProbeAnswers
    ) throws(LetheError) {
        guard let path = plan.weightDistance else { return }
        answers.values[ProbeKey(probe: .weightDistance, request: nil, setting: nil)] =
            try WeightPath.distance(model, from: original)
        guard path.barrierPointCount > 0 else { return }
        answers.values[
            ProbeKey(probe: .lossBarrier, request: nil, setting: path.barrierPointCount)] =
            try WeightPath.barrier(
                model, from: original, samples: samples, pointCount: path.barrierPointCount)
    }

    private func add(
        _ hits: [String: [Bool]?], _ probe: ProbeKind, _ setting: Int?,
        to answers: inout ProbeAnswers
    ) {
        for (request, found) in hits {
            answers.hits.updateValue(
                found, forKey: ProbeKey(probe: probe, request: request, setting: setting))
        }
    }
}
