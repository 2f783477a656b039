import Foundation
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport

/// Writes and reads without end, beside others that do the same, until it is killed.
///
///     lethe-crash-worker endless <registry> <outside> - <seed>
///
/// Publishes to one of a few models, pulls one, forgets in `faces`, collects garbage without a grace
/// period. Every version that was acknowledged is a line `MODEL NUMBER COMMIT`, written when it was.
struct EndlessWriter {
    static let models = ["faces", "one", "two", "three"]

    let tiny: TinyRegistry
    let folder: URL
    var random: SplitMix64

    init(_ tiny: TinyRegistry, seed: UInt64) {
        self.tiny = tiny
        folder = tiny.outside.appending(path: "writer-\(seed)")
        random = SplitMix64(seed: seed)
    }

    mutating func run() async throws {
        try say("ready")
        while true {
            do {
                guard let version = try await next() else { continue }
                let name = "\(version.manifest.model) \(version.manifest.number)"
                try say("\(name) \(version.commit.hex)")
            } catch let error as LetheError where error.code == .conflict {
                continue
            }
        }
    }

    private func say(_ line: String) throws {
        try FileHandle.standardOutput.write(contentsOf: Data("\(line)\n".utf8))
    }

    private mutating func next() async throws -> Version? {
        let registry = try tiny.open()
        let model = Self.models[Int(random.next() % UInt64(Self.models.count))]
        switch random.next() % 20 {
        case 0:
            _ = try registry.collectGarbage(
                CollectionOrder(graceSeconds: 0), now: TinyRegistry.now, progress: { _ in })
            return nil
        case 1...3:
            try pull(model, from: registry)
            return nil
        case 4...5:
            return try await forget(Int(random.next() % 4), in: registry)
        default:
            try TinyModel.write(to: folder, shift: Float(random.next() % 1000))
            return try await tiny.publish(folder, as: model, in: registry)
        }
    }

    private func forget(
        _ label: Int, in registry: Registry
    ) async throws(LetheError) -> Version? {
        do throws(LetheError) {
            return try await tiny.forget([label], in: registry)
        } catch {
            // Somebody else had it forgotten already.
            if error.code == .invalidArgument { return nil }
            throw error
        }
    }

    private mutating func pull(
        _ model: String, from registry: Registry
    ) throws(LetheError) {
        let target = folder.appending(path: "pulled-\(random.next())")
        do throws(LetheError) {
            _ = try registry.pull(
                Revision("\(model)@latest"), to: target, allowingUncertified: true,
                progress: { _ in })
        } catch {
            // Superseded, or nobody has published it yet.
            if error.code != .refused, error.code != .notFound { throw error }
        }
        try? FileManager.default.removeItem(at: target)
    }
}
