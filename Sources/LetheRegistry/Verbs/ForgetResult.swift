internal import Foundation
internal import LetheRecords
internal import LetheStorage

/// What a method made that is to become a version.
struct ForgetResult {
    let parent: Version
    /// All requests of the line, the new one last.
    let requests: [ForgetRequest]
    let product: RunProduct
    /// The mask that the method wrote, if the result is a pruned model.
    let mask: URL?
    /// Where the method left its files, and the parent's.
    let task: ForgetTask
    let run: RunDescription
    /// The list of the request that names samples, if this run honoured one.
    var sampleList: SampleList?
}

extension Registry {
    /// Writes the version: as its parent's weights and the delta, which `certify` materialises, or
    /// as new weights, of which tensors that did not change cost nothing.
    func write(
        _ result: ForgetResult, keys: KeyFolder, now: Timestamp
    ) throws(LetheError) -> Version {
        let parent = result.parent
        let batch = storage.objects.batch(of: parent.manifest.model)
        let (weights, delta) = try put(result, in: batch)
        var texts: [String: [UInt8]] = [:]
        let mask = try result.mask.mapping { (url) throws(LetheError) in
            VersionFile(path: PruningMask.fileName, try batch.putFile(url))
        }
        let renewed =
            [weights, mask].compactMap { $0 }
            + (try forgottenTexts(result).mapping { (name, text) throws(LetheError) in
                try store(text: text, as: name, in: batch, &texts)
            })
        let names = Set(renewed.map(\.path))
        // The parent's mask is about the parent's weights.
        let kept = parent.manifest.files.filter {
            !names.contains($0.path) && $0.path != PruningMask.fileName
        }
        let files = kept + renewed
        let manifest = VersionManifest(
            model: parent.manifest.model, number: parent.manifest.number + 1,
            parent: parent.manifestDigest, operation: .forget, created: now, files: files,
            requests: result.requests.map(\.id), run: result.run,
            delta: delta)
        let coverage = result.task.requests.map(\.coverage).joined(separator: " and ")
        return try write(
            VersionDraft(
                manifest: manifest, texts: texts, requests: result.requests,
                certificates: certificates(of: parent),
                summary: "Forget \(coverage) of \(parent.manifest.model)",
                sampleLists: result.sampleList.map { [result.task.request.id: $0] } ?? [:]),
            onto: parent, objects: batch, keys: keys)
    }

    private func put(
        _ result: ForgetResult, in batch: ObjectBatch
    ) throws(LetheError) -> (weights: VersionFile, delta: DeltaReference?) {
        let name = VersionTree.weightsName
        guard result.product == .delta else {
            return (VersionFile(path: name, try batch.putFile(result.task.weightsFile)), nil)
        }
        let parent = try result.parent.weights()
        let url = result.task.deltaFile
        let delta = VersionFile(path: "delta.safetensors", try batch.putFile(url))
        let weights = try storage.putDerived(
            from: result.task.modelFolder.appending(path: name), stored: parent.stored,
            delta: (url, delta.stored), in: batch)
        return (
            VersionFile(path: name, weights),
            DeltaReference(file: delta, base: parent.digest, merge: DeltaMerge.name)
        )
    }

    /// The small files of the new version: without the forgotten names, with a new card.
    private func forgottenTexts(_ result: ForgetResult) throws(LetheError) -> [String: [UInt8]] {
        var texts = try texts(of: result.parent)
        let configuration = result.parent.manifest.files.first {
            $0.path == VersionTree.configurationName
        }
        if let configuration {
            texts[configuration.path] = try LabelNames.erasing(
                result.requests.flatMap(\.classes),
                from: storage.objects.read(
                    configuration.stored, limitBytes: VersionTree.configurationLimitBytes))
        }
        let card = ModelCard.text(
            authored: texts[ModelCard.name].map { String(decoding: $0, as: UTF8.self) },
            model: result.parent.manifest.model, operation: .forget,
            number: result.parent.manifest.number + 1, requests: result.requests,
            base: CardBase(
                model: result.parent.manifest.model, version: result.parent.manifestDigest,
                relation: .finetune))
        texts[ModelCard.name] = Array(card.utf8)
        return texts
    }
}
