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

    /// So often in a row a connection may break before another byte has come.
    private static let failureLimit = 20

    let server: Server
    let model: String

    /// - Throws: `refused` for what is not given out; `integrity` if a file is not the recorded one;
    ///   then the folder does not appear.
    func pull(_ selector: String, to folder: URL, trusted: URL?) async throws -> Pulled {
        let shown: Server.Answer
        do {
            shown = try await server.ask(
                server.request(
                    "GET", ["models", model, "versions", selector],
                    fields: ["Accept": "application/json"]))
        } catch let error as LetheError where error.code == .refused {
            PartialFolder.removeOthers(beside: folder)
            throw error
        }
        guard let commit = shown.json["version"]?["commit"]?.stringValue else { throw Self.odd }
        let partial = try PartialFolder(
            for: folder, version: "\(model) \(commit)")
        do {
            let pulled = try await collect(shown.json["version"] ?? .null, commit, in: partial.url)
            if let trusted {
                _ = try CertificateFiles.check(
                    certificate: partial.url.appending(path: Registry.certificateName),
                    folder: partial.url, allowedSigners: trusted)
            }
            try partial.finish()
            return pulled
        } catch let error as LetheError where error.code == .io {
            throw LetheError(
                code: .io, message: error.message,
                remedy: "What has arrived stays for now; run the same command again.",
                cause: error)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            partial.remove()
            throw error
        }
    }

    /// Takes every file of a version.
    private func collect(
        _ version: JSONValue, _ commit: String, in folder: URL
    ) async throws -> Pulled {
        guard let name = version["version"]?.stringValue, let manifest = version["manifest"],
            let files = manifest["files"]?.arrayValue
        else { throw Self.odd }
        let isCertified = manifest["operation"]?.stringValue == "certify"
        var names: [String] = []
        for file in files { names.append(try await take(file, of: commit, into: folder)) }
        if isCertified {
            for name in [Registry.certificateName, Registry.proofName] {
                try await take(
                    name, of: commit, into: folder, expecting: nil,
                    limitBytes: Self.proofLimitBytes)
            }
        }
        return Pulled(version: name, isCertified: isCertified, files: names)
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
        // The proof grows with the log.
        let file = try PartialFile(
            folder.appending(path: path), limitBytes: limitBytes, goesOn: digest != nil)
        let isGoingOn = file.isGoingOn
        try await fill(file, path, of: commit, expecting: digest, limitBytes: limitBytes)
        guard let digest, file.finish() != digest else { return }
        // What an interrupted pull left may be of another server.
        guard isGoingOn else { throw Self.wrong(path) }
        try file.restart()
        try await fill(file, path, of: commit, expecting: digest, limitBytes: limitBytes)
        if file.finish() != digest { throw Self.wrong(path) }
    }

    /// Takes what a file lacks; a connection that breaks is begun anew where it broke.
    private func fill(
        _ file: PartialFile, _ path: String, of commit: String, expecting digest: Digest?,
        limitBytes: Int
    ) async throws {
        var failureCount = 0
        while digest == nil || file.countBytes < limitBytes || limitBytes == 0 {
            let before = file.countBytes
            do {
                try await ask(for: file, path, of: commit, limitBytes: limitBytes)
                return
            } catch let refusal as Refusal where refusal.status == 416 && before > 0 {
                try file.restart()
            } catch let refusal as Refusal {
                throw refusal.error
            } catch let error as LetheError where error.code == .io {
                failureCount = file.countBytes > before ? 1 : failureCount + 1
                guard file.countBytes > 0, failureCount < Self.failureLimit else { throw error }
                try await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    private func ask(
        for file: PartialFile, _ path: String, of commit: String, limitBytes: Int
    ) async throws {
        let start = file.countBytes
        let request = server.request(
            "GET", [model, "resolve", commit, path], isOwn: false,
            fields: start > 0 ? ["Range": "bytes=\(start)-"] : [:])
        var isFirst = true
        _ = try await server.streamWithHead(request) { head, bytes in
            if isFirst, start > 0 {
                let range = head.fields["content-range"] ?? ""
                if head.status != 206 || !range.hasPrefix("bytes \(start)-") { try file.restart() }
            }
            isFirst = false
            guard file.countBytes + bytes.count <= limitBytes else { throw Self.wrong(path) }
            try file.append(bytes)
        }
    }

    private static let odd = LetheError(
        code: .malformed, message: "The server's record is none.")

    private static func wrong(_ path: String) -> LetheError {
        LetheError(
            code: .integrity, message: "\(path) is not the file that the record names.",
            remedy: "Nothing was kept. Pull again; if it happens again, tell the operator.")
    }
}
