internal import Foundation
internal import LetheRecords
internal import LetheRegistry

/// Takes a version from a server as it gives it to every client, and compares each file with the
/// version's record.
struct PullClient {
    /// What was taken.
    struct Pulled {
        let version: String
        let isCertified: Bool
        let files: [String]
    }

    /// The longest certificate or proof that is taken; no record says their lengths.
    static let proofLimitBytes = 64 << 20

    let server: Server
    let model: String

    /// - Throws: `refused` for what is not given out; `integrity` if a file is not the recorded one;
    ///   then the folder does not appear.
    func pull(_ selector: String, to folder: URL, trusted: URL?) async throws -> Pulled {
        let shown = try await server.ask(
            server.request(
                "GET", ["models", model, "versions", selector],
                fields: ["Accept": "application/json"]))
        let version = shown.json["version"] ?? .null
        guard let name = version["version"]?.stringValue, let manifest = version["manifest"],
            let commit = version["commit"]?.stringValue,
            let files = manifest["files"]?.arrayValue
        else { throw LetheError(code: .malformed, message: "The server's record is none.") }
        let isCertified = manifest["operation"]?.stringValue == "certify"
        let partial = try Registry.partialFolder(for: folder)
        do {
            var names: [String] = []
            for file in files {
                names.append(try await take(file, of: commit, into: partial))
            }
            if isCertified {
                for name in [Registry.certificateName, Registry.proofName] {
                    try await take(
                        name, of: commit, into: partial, expecting: nil,
                        limitBytes: Self.proofLimitBytes)
                }
            }
            if let trusted {
                _ = try CertificateFiles.check(
                    certificate: partial.appending(path: Registry.certificateName),
                    folder: partial, allowedSigners: trusted)
            }
            try Registry.rename(partial, to: folder)
            return Pulled(version: name, isCertified: isCertified, files: names)
        } catch {
            try? FileManager.default.removeItem(at: partial)
            throw error
        }
    }

    private func take(
        _ file: JSONValue, of commit: String, into folder: URL
    ) async throws -> String {
        // The server is not trusted: a name with a way out of the folder is none. By bytes, since
        // "/" with a combining mark after it is another character for Swift.
        guard let path = file["path"]?.stringValue, !path.isEmpty,
            !path.utf8.contains(UInt8(ascii: "/")), !path.utf8.contains(0), !path.hasPrefix("."),
            let sizeBytes = file["sizeBytes"]?.integerValue,
            let digest = file["digest"]?.stringValue.flatMap({ Digest($0) })
        else { throw LetheError(code: .malformed, message: "The server names an odd file.") }
        try await take(
            path, of: commit, into: folder, expecting: digest, limitBytes: sizeBytes)
        return path
    }

    private func take(
        _ path: String, of commit: String, into folder: URL, expecting digest: Digest?,
        limitBytes: Int
    ) async throws {
        let url = folder.appending(path: path)
        try Data().write(to: url)
        let handle = try FileHandle(forWritingTo: url)
        defer { try? handle.close() }
        var hasher = DigestHasher()
        var countBytes = 0
        let request = server.request("GET", [model, "resolve", commit, path], isOwn: false)
        do {
            _ = try await server.stream(request) { bytes in
                countBytes += bytes.count
                guard countBytes <= limitBytes else { throw Self.wrong(path) }
                hasher.update(bytes)
                try handle.write(contentsOf: Data(bytes))
            }
        } catch let refusal as Refusal {
            throw refusal.error
        }
        if let digest, hasher.finalize() != digest { throw Self.wrong(path) }
    }

    private static func wrong(_ path: String) -> LetheError {
        LetheError(
            code: .integrity, message: "\(path) is not the file that the record names.",
            remedy: "Nothing was kept. Pull again; if it happens again, tell the operator.")
    }
}
