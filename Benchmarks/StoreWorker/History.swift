import Foundation
import LetheRecords
import LetheStorage

/// A long history of many models, made with git-fast-import(1).
///
/// Real manifests, requests, pointers and recipes, no tensors behind them and no signatures. Every
/// third version forgets something.
struct History {
    let modelCount: Int
    let versionCount: Int
    private let started = 1_700_000_000

    /// Writes the history into a bare repository, as one pack with packed references, and the
    /// recipes into the store.
    func write(to repository: URL, recipesInto objects: ObjectStore) throws {
        let importing = Process()
        importing.executableURL = URL(fileURLWithPath: "/usr/bin/git")
        importing.arguments = ["fast-import", "--quiet", "--done"]
        importing.currentDirectoryURL = repository
        let pipe = Pipe()
        importing.standardInput = pipe
        try importing.run()
        for model in 0..<modelCount {
            try pipe.fileHandleForWriting.write(contentsOf: Data(line(of: model, objects)))
        }
        try pipe.fileHandleForWriting.write(contentsOf: Data("done\n".utf8))
        try pipe.fileHandleForWriting.close()
        importing.waitUntilExit()
        guard importing.terminationStatus == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    private func line(of model: Int, _ objects: ObjectStore) throws -> [UInt8] {
        let name = "model-\(model)"
        var stream: [UInt8] = []
        var parent: Digest?
        var requests: [ForgetRequest] = []
        for number in 1...versionCount {
            let made = Timestamp(secondsSince1970: Int64(started + number * 3600))
            let isForgetting = number % 3 == 0
            if isForgetting {
                requests.append(try request(number, of: name, received: made))
            }
            let manifest = try manifest(
                number, of: name, parent: parent, made: made, requests: requests,
                weights: weights(number, of: name, objects), isForgetting: isForgetting)
            let bytes = try manifest.canonicalBytes()
            parent = Digest(hashing: bytes)
            stream += commit(number, of: name, manifest, secondsSince1970: made.secondsSince1970)
            stream += Self.file(".lethe/version.json", bytes)
            if isForgetting, let request = requests.last {
                stream += Self.file(
                    ".lethe/requests/\(request.id).json", try request.canonicalBytes())
            }
            for file in manifest.files {
                let pointer = LargeFilePointer(digest: file.digest, sizeBytes: file.sizeBytes)
                stream += Self.file(file.path, pointer.bytes)
            }
            stream += Array("\n".utf8)
        }
        return stream
    }

    private func commit(
        _ number: Int, of name: String, _ manifest: VersionManifest, secondsSince1970: Int64
    ) -> [UInt8] {
        let operation = manifest.operation.rawValue
        let message =
            "Version \(number) of \(name)\n\nLethe-Operation: \(operation)\n"
            + "Lethe-Version: \(name)@v\(number)\n"
        return Array(
            ("commit refs/heads/\(name)\n"
                + "committer Lethe <lethe@localhost> \(secondsSince1970) +0000\n"
                + "data \(message.utf8.count)\n\(message)\n").utf8)
    }

    private static func file(_ path: String, _ bytes: [UInt8]) -> [UInt8] {
        Array("M 100644 inline \(path)\ndata \(bytes.count)\n".utf8) + bytes + Array("\n".utf8)
    }

    private func request(
        _ number: Int, of name: String, received: Timestamp
    ) throws -> ForgetRequest {
        try ForgetRequest(
            model: name, received: received, classes: [number],
            dataset: Self.dataset(of: name), sampleCount: 100,
            commitment: Digest(hashing: Array("\(name) \(number)".utf8)), reference: nil)
    }

    private static func dataset(of name: String) -> DatasetReference {
        DatasetReference(name: "data-of-\(name)", digest: Digest(hashing: Array(name.utf8)))
    }

    /// Not synced, as Foundation would: that takes milliseconds, and these are a million files.
    private func write(_ bytes: [UInt8], to url: URL) throws {
        guard let file = OutputStream(url: url, append: false) else {
            throw CocoaError(.fileWriteUnknown)
        }
        file.open()
        defer { file.close() }
        guard unsafe file.write(bytes, maxLength: bytes.count) == bytes.count else {
            throw CocoaError(.fileWriteUnknown)
        }
    }

    /// A file of thirty-two tensors of 2.5 MiB, of which each version changes two.
    private func weights(
        _ number: Int, of name: String, _ objects: ObjectStore
    ) throws -> VersionFile {
        let tensors = (0..<32).map { tensor in
            let changed = (number - tensor % 16 + 15) / 16
            return Digest(hashing: Array("\(name) \(tensor) \(changed)".utf8))
        }
        let header = Digest(hashing: Array("header \(name) \(number)".utf8))
        let sizes = [4096] + tensors.map { _ in 5 << 19 }
        var offset = 0
        let parts = zip([header] + tensors, sizes).map { digest, length in
            defer { offset += length }
            return AssemblyRecipe.Part(offset: offset, length: length, digest: digest)
        }
        let whole = Digest(hashing: Array("weights \(name) \(number)".utf8))
        let bytes = try AssemblyRecipe(file: whole, sizeBytes: offset, parts: parts)
            .canonicalBytes()
        let recipe = Digest(hashing: bytes)
        let url = objects.url(of: recipe)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try write(bytes, to: url)
        return VersionFile(
            path: "model.safetensors", digest: whole, sizeBytes: offset, assembly: recipe)
    }

    private func manifest(
        _ number: Int, of name: String, parent: Digest?, made: Timestamp,
        requests: [ForgetRequest], weights: VersionFile, isForgetting: Bool
    ) throws -> VersionManifest {
        func file(_ path: String, _ seed: String, _ sizeBytes: Int) -> VersionFile {
            VersionFile(
                path: path, digest: Digest(hashing: Array("\(path) \(seed)".utf8)),
                sizeBytes: sizeBytes, assembly: nil)
        }
        let run = RunDescription(
            recipe: "gs-lora", recipeDigest: Digest(hashing: [1]), method: "gs-lora",
            parameters: .object(["rank": .number(4), "steps": .number(100)]), seed: number,
            dataset: Self.dataset(of: name), selection: "every fifth training sample",
            environment: RunEnvironment(
                lethe: "0.1.0", libTorch: "2.13.0", device: "cpu", threads: 2),
            stepCount: 100, goalReached: true, selectionFigures: ["forgotten": 0.0])
        return VersionManifest(
            model: name, number: number, parent: parent,
            operation: isForgetting ? .forget : .publish, created: made,
            files: [
                weights, file("config.json", name, 900),
                file("README.md", "\(name) \(number)", 700),
            ],
            requests: requests.map(\.id), run: isForgetting ? run : nil)
    }
}
