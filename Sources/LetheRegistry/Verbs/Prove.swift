public import LetheRecords
internal import LetheStorage

/// Whether an image is among the committed samples of honoured requests, and nothing else.
public struct ImageAnswer: Sendable, Equatable {
    /// Whether it is.
    public let isAmong: Bool
    /// How many honoured requests there are.
    public let requestCount: Int
    /// How many of them could be looked into; this does not depend on the image.
    public let comparedCount: Int
}

extension Registry {
    /// Tells whether an image, byte for byte, is among the samples of any request that a line of
    /// this registry has honoured.
    ///
    /// A request by samples, and what a sharded model deleted, has a list of keyed commitments. A
    /// request by classes has their root only: it can be looked into as long as the samples are
    /// where they were registered. Every commitment is compared, each in the same number of steps,
    /// whatever the answer is, and which request it was is not said.
    ///
    /// - Parameter key: The commitment key, which only the controller holds.
    /// - Throws: `integrity` if a record was changed.
    public func prove(
        image: [UInt8], key: CommitmentKey, engine: any Engine,
        progress: @escaping ProgressHandler
    ) async throws(LetheError) -> ImageAnswer {
        let sought = key.commitment(toSample: image).bytes
        var requestCount = 0
        var comparedCount = 0
        var found: UInt8 = 0
        for model in try models() {
            guard let tip = try tip(of: model) else { continue }
            for request in try requests(of: tip) {
                requestCount += 1
                let commitments = try await committed(
                    request, of: tip, key: key, engine: engine, progress: progress)
                guard let commitments else { continue }
                comparedCount += 1
                for other in commitments { found |= Self.isEqual(sought, other.bytes) }
            }
        }
        return ImageAnswer(
            isAmong: found != 0, requestCount: requestCount, comparedCount: comparedCount)
    }

    /// The commitments of a request's samples; nil where they cannot be known any more.
    private func committed(
        _ request: ForgetRequest, of tip: Version, key: CommitmentKey, engine: any Engine,
        progress: @escaping ProgressHandler
    ) async throws(LetheError) -> [Digest]? {
        if tip.manifest.shards != nil {
            let deletion = try deletion(of: request.id, in: tip)
            let record = try datasetIfPresent(request.dataset.name)?.record
            return record?.commitmentKey == key.identifier ? deletion.groups.flatMap { $0 } : nil
        }
        if request.samples != nil {
            let list = try sampleLists(of: tip, requests: [request])[request.id]
            return list?.commitmentKey == key.identifier ? list?.commitments : nil
        }
        return try await classCommitments(of: request, key: key, engine: engine, progress: progress)
    }

    /// The commitments of a request by classes, from the samples themselves; nil if they are not
    /// there any more, or not the ones that the request committed to.
    private func classCommitments(
        of request: ForgetRequest, key: CommitmentKey, engine: any Engine,
        progress: @escaping ProgressHandler
    ) async throws(LetheError) -> [Digest]? {
        guard let place = try? location(of: request.dataset.name),
            // The first sample stands for none: what is wanted is the split that comes with it.
            let located = try? await engine.locate(
                ["train:0"], in: place, key: key, progress: progress)
        else { return nil }
        let all = located.training.commitments
        guard request.classes.allSatisfy(all.indices.contains) else { return nil }
        let classes = request.classes.map { all[$0] }
        guard MerkleTree.root(of: classes.map(MerkleTree.root)) == request.commitment else {
            return nil
        }
        return classes.flatMap { $0 }
    }

    /// 1 if two digests are equal, else 0; takes the same steps for all digests.
    private static func isEqual(_ one: [UInt8], _ other: [UInt8]) -> UInt8 {
        var difference: UInt8 = one.count == other.count ? 0 : 1
        for (left, right) in zip(one, other) { difference |= left ^ right }
        // 0 - 1 wraps to a number with its ninth bit set; every other byte stays below.
        return UInt8(((UInt16(difference) &- 1) >> 8) & 1)
    }
}
