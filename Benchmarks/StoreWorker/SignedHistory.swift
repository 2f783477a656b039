import Foundation
import LetheCertificates
import LetheRecords
import LetheRegistry
import LetheReports
import LetheStorage

import enum Crypto.Insecure

/// A history of many models as a registry writes it, signed and certified, without the objects and
/// without the time that writing each version takes: git objects in one pack, unpacked by `create`.
///
/// Each model is published, and then a class is forgotten and certified, again and again.
struct SignedHistory {
    let modelCount: Int
    let versionCount: Int
    let keys: KeyFolder

    static let policy = Policy(
        name: "generated", description: "For made-up counts.", errorBudget: 0.05,
        forgottenMarginAboveChance: 0.3, forgottenSampleMinimum: 1, retainedDropMaximum: 0.1,
        retainedDropUpperBoundMaximum: 0.2, worstClassDropMaximum: 0.5, worstClassSampleMinimum: 1)

    /// Writes a packed registry, as `Registry.create(at:fromPacked:)` takes it.
    func write(to folder: URL) throws {
        let manager = FileManager.default
        try manager.createDirectory(
            at: folder.appending(path: "keys"), withIntermediateDirectories: true)
        let other = try SigningKey().verifyingKey
        let trusted = try TrustedKeys([TrustedKeys.Entry(role: .verifier, key: other)])
        try Data(trusted.allowedSigners.utf8)
            .write(to: folder.appending(path: "keys/allowed_signers"))
        var pack = PackFile()
        var references = ""
        for model in 0..<modelCount {
            var line = SignedLine(name: "model-\(model)", keys: keys)
            references += "create refs/heads/model-\(model) "
            references += try line.write(versionCount: versionCount, to: &pack) + "\n"
        }
        let repository = folder.appending(path: "made.git")
        try git(["init", "--quiet", "--bare", repository.path], in: folder)
        try git(["index-pack", "--stdin"], in: repository, input: pack.bytes())
        try git(["update-ref", "--stdin"], in: repository, input: Data(references.utf8))
        try git(
            [
                "bundle", "create", "--quiet", folder.appending(path: "lineage.bundle").path,
                "--all",
            ],
            in: repository)
        try manager.removeItem(at: repository)
    }

    private func git(_ arguments: [String], in folder: URL, input: Data? = nil) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/git")
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.standardOutput = FileHandle.nullDevice
        let file = folder.appending(path: "input-\(UUID().uuidString)")
        try (input ?? Data()).write(to: file)
        process.standardInput = try FileHandle(forReadingFrom: file)
        try process.run()
        process.waitUntilExit()
        try FileManager.default.removeItem(at: file)
        guard process.terminationStatus == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
}

/// One line while it is made.
private struct SignedLine {
    let name: String
    let keys: KeyFolder
    private var files: [String: [UInt8]] = [:]
    private var manifest: VersionManifest?
    private var requests: [ForgetRequest] = []
    private var original = Digest(hashing: [])

    init(name: String, keys: KeyFolder) {
        self.name = name
        self.keys = keys
    }

    /// Writes the versions and gives the name of the last commit.
    mutating func write(versionCount: Int, to pack: inout PackFile) throws -> String {
        var commit: String?
        for number in 1...versionCount {
            let made = Timestamp(secondsSince1970: Int64(1_700_000_000 + number * 3600))
            if number == 1 {
                try publish(at: made)
            } else if number.isMultiple(of: 2) {
                try forget(number, at: made)
            } else {
                try certify(number, at: made)
            }
            commit = try put(number, at: made, after: commit, in: &pack)
        }
        return commit ?? ""
    }

    private var dataset: DatasetReference {
        DatasetReference(name: "data", digest: Digest(hashing: Array("data".utf8)))
    }

    private func pointed(_ version: Int) -> [VersionFile] {
        [("model.safetensors", 80 << 20), ("config.json", 900), ("README.md", 700)].map {
            let digest = Digest(hashing: Array("\(name) \(version) \($0.0)".utf8))
            return VersionFile(path: $0.0, digest: digest, sizeBytes: $0.1, assembly: nil)
        }
    }

    private mutating func publish(at time: Timestamp) throws {
        let made = pointed(1)
        original = made[0].digest
        try take(
            VersionManifest(
                model: name, number: 1, parent: nil, operation: .publish, created: time,
                files: made, requests: []))
    }

    private mutating func forget(_ number: Int, at time: Timestamp) throws {
        let request = try ForgetRequest(
            model: name, received: time, classes: [requests.count], dataset: dataset,
            sampleCount: 100, commitment: Digest(hashing: Array("\(name) \(number)".utf8)),
            reference: nil)
        requests.append(request)
        files[".lethe/requests/\(request.id).json"] = try request.canonicalBytes()
        try take(
            VersionManifest(
                model: name, number: number, parent: manifest?.digest(), operation: .forget,
                created: time, files: pointed(number), requests: requests.map(\.id)))
    }

    private mutating func certify(_ number: Int, at time: Timestamp) throws {
        guard let parent = manifest else { return }
        let weights = parent.files.first { $0.path == "model.safetensors" }?.digest ?? original
        let report = try report(weights)
        let verdict = ForgetVerdict(
            model: name, version: parent.number, manifest: try parent.digest(),
            requests: try requests.map { RequestReference(id: $0.id, digest: try $0.digest()) },
            report: report, verdict: "passed", tier: 1, notTested: report.notTested, issued: time)
        let bytes = try Certificate.issue(
            verdict, on: parent.files.map { Subject(name: $0.path, digest: $0.digest) },
            with: keys.verifierKey)
        files[".lethe/certificates/\(report.sequenceNumber).json"] = bytes
        try take(
            VersionManifest(
                model: name, number: number, parent: parent.digest(), operation: .certify,
                created: time, files: parent.files, requests: parent.requests,
                certificate: Digest(hashing: bytes)))
    }

    private func report(_ weights: Digest) throws -> JudgeReport {
        let gone = Dictionary(
            uniqueKeysWithValues: requests.flatMap { request in
                request.classes.map { ($0, request.id) }
            })
        let classes = (0..<62).map { label in
            ClassFigure(
                label: label, sampleCount: 50, correctCount: gone[label] == nil ? 47 : 0,
                originalCorrectCount: gone[label] == nil ? 48 : 45, request: gone[label])
        }
        return try ReportBuilder(
            weights: weights, original: original, dataset: dataset, split: "test",
            requests: requests, policy: SignedHistory.policy, sequenceNumber: requests.count
        ).report(
            ClassCounts(
                classes: classes, lostCount: 2 * (62 - gone.count), gainedCount: 62 - gone.count),
            environment: RunEnvironment(
                lethe: letheVersion, libTorch: "none", device: "cpu", threads: 2))
    }

    private mutating func take(_ manifest: VersionManifest) throws {
        self.manifest = manifest
        files[".lethe/version.json"] = try manifest.canonicalBytes()
        files[".gitattributes"] = Array("*.safetensors filter=lfs diff=lfs merge=lfs -text\n".utf8)
        for file in manifest.files {
            files[file.path] =
                LargeFilePointer(digest: file.digest, sizeBytes: file.sizeBytes).bytes
        }
    }

    private func put(
        _ number: Int, at time: Timestamp, after parent: String?, in pack: inout PackFile
    ) throws -> String {
        let tree = pack.put(tree: files)
        let who = "Lethe <lethe@localhost> \(time.secondsSince1970) +0000"
        let head =
            "tree \(tree)\n" + (parent.map { "parent \($0)\n" } ?? "")
            + "author \(who)\ncommitter \(who)\n"
        let message = "\nVersion \(number) of \(name)\n"
        let signature = try SSHSignature(
            signing: Array((head + message).utf8), with: keys.operatorKey
        ).armored.replacing("\n", with: "\n ")
        return pack.put(
            .commit, Array("\(head)gpgsig \(signature.dropLast(1))\(message)".utf8))
    }
}

/// A git pack (gitformat-pack(5)) whose objects are stored without being compressed.
struct PackFile {
    enum Kind: UInt8 {
        case commit = 1
        case tree = 2
        case blob = 3
    }

    private var names: Set<String> = []
    private var body: [UInt8] = []

    /// Adds an object once; gives its name.
    mutating func put(_ kind: Kind, _ bytes: [UInt8]) -> String {
        let plain = Array("\(kind) \(bytes.count)\0".utf8) + bytes
        let name = Hex.encode(Insecure.SHA1.hash(data: plain))
        guard names.insert(name).inserted else { return name }
        var size = bytes.count
        var byte = kind.rawValue << 4 | UInt8(size & 15)
        size >>= 4
        while size > 0 {
            body.append(byte | 0x80)
            byte = UInt8(size & 0x7F)
            size >>= 7
        }
        body.append(byte)
        store(bytes)
        return name
    }

    /// Adds the folders and files of a tree; gives the name of the root.
    mutating func put(tree files: [String: [UInt8]]) -> String {
        var folders: [String: [String: [UInt8]]] = [:]
        var entries: [(key: String, line: [UInt8])] = []
        for (path, bytes) in files {
            let parts = path.split(separator: "/", maxSplits: 1).map(String.init)
            if parts.count == 2 {
                folders[parts[0], default: [:]][parts[1]] = bytes
            } else {
                entries.append((path, Self.entry("100644 \(path)", put(.blob, bytes))))
            }
        }
        for (name, inside) in folders {
            entries.append(("\(name)/", Self.entry("40000 \(name)", put(tree: inside))))
        }
        entries.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        return put(.tree, entries.flatMap(\.line))
    }

    /// Static, because a call on `self` whose argument changes `self` copies all of the body first.
    private static func entry(_ text: String, _ name: String) -> [UInt8] {
        Array("\(text)\0".utf8) + (Hex.decode(name) ?? [])
    }

    /// A zlib stream of stored blocks (RFC 1950, RFC 1951 section 3.2.4).
    private mutating func store(_ bytes: [UInt8]) {
        body += [0x78, 0x01]
        var position = 0
        repeat {
            let end = min(position + 65_535, bytes.count)
            let count = UInt16(end - position)
            body.append(end == bytes.count ? 1 : 0)
            body += [
                UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8(~count >> 8),
            ]
            body += bytes[position..<end]
            position = end
        } while position < bytes.count
        var (a, b): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            a = (a + UInt32(byte)) % 65_521
            b = (b + a) % 65_521
        }
        let sum = b << 16 | a
        body += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> UInt32($0)) }
    }

    /// The file.
    func bytes() -> Data {
        var file = Array("PACK".utf8) + [0, 0, 0, 2]
        file += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: names.count >> $0) }
        file += body
        return Data(file + Array(Insecure.SHA1.hash(data: file)))
    }
}
