public import LetheRecords

/// Tells whether a certificate's figures follow from its own counts and the policy that it names.
public enum VerdictCheck {
    /// Computes every figure and gate again.
    ///
    /// - Parameters:
    ///   - policy: The policy that the certificate names; another one is refused.
    ///   - requests: Every request that the line has honoured, oldest first, from the lineage; nil
    ///     where only the certificate is at hand: then the requests are those that it lists, and
    ///     only the lineage tells whether one was left out.
    /// - Throws: `refused` for another policy, `integrity` for figures that do not follow.
    public static func require(
        _ verdict: ForgetVerdict, policy: Policy, requests: [ForgetRequest]? = nil
    ) throws(LetheError) {
        let report = verdict.report
        guard try policy.digest() == report.policy.digest else {
            throw LetheError(
                code: .refused,
                message: "The policy \(policy.name) is not the one that the certificate names "
                    + "(\(report.policy.name), \(report.policy.digest)).",
                remedy: "Ask the verifier for the policy of that digest.")
        }
        let known =
            if let requests { measured(requests, by: verdict) } else { try listed(in: report) }
        try ReportCheck.require(
            report, requests: known, policy: policy, sequenceNumber: report.sequenceNumber)
    }

    /// What a judge measures of a sharded model: a request for samples is proved there.
    private static func measured(
        _ requests: [ForgetRequest], by verdict: ForgetVerdict
    ) -> [ForgetRequest] {
        verdict.exact == nil ? requests : requests.filter { !$0.classes.isEmpty }
    }

    /// The requests as far as the figures show them.
    private static func listed(in report: JudgeReport) throws(LetheError) -> [ForgetRequest] {
        var requests: [ForgetRequest] = []
        for figure in report.forgotten {
            let samples = figure.samples.map { _ in
                SampleSelection(list: report.weights, distinctCount: figure.sampleCount)
            }
            var request = try ForgetRequest(
                model: "", received: Timestamp(secondsSince1970: 0), classes: figure.classes,
                dataset: report.dataset, sampleCount: figure.sampleCount,
                commitment: report.weights, reference: nil, samples: samples)
            request.id = figure.request
            requests.append(request)
        }
        return requests
    }
}
