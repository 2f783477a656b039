public import Foundation
public import LetheRecords

extension ModelSignature {
    /// A signed model whose every file is what was signed.
    public struct Checked: Sendable, Equatable {
        /// The name that the signer gave it.
        public let model: String
        /// SHA-256 over all digests: the model's name to the outside.
        public let root: Digest
        /// How many files, or parts of files, were compared.
        public let resourceCount: Int
    }

    /// Checks a bundle and every file of a folder.
    ///
    /// Whole files and parts (`path:start:end`) are read, under SHA-256.
    ///
    /// - Throws: `integrity` if a signature, file or list does not hold, `refused` for another key,
    ///   `unsupported` for another kind of bundle or hash, `malformed`.
    public static func check(
        _ bytes: [UInt8], of folder: URL, key: ModelVerifyingKey
    ) throws(LetheError) -> Checked {
        guard bytes.count <= limitBytes else { throw malformed("it is too long") }
        let statement = try StrictJSON.parse(payload(of: StrictJSON.parse(bytes), key))
        guard statement["_type"]?.stringValue == statementType,
            statement["predicateType"]?.stringValue == predicateType
        else { throw unsupported("its statement is not of version 1.0") }
        guard let subjects = statement["subject"]?.arrayValue, subjects.count == 1,
            let name = subjects[0]["name"]?.stringValue,
            let root = subjects[0]["digest"]?["sha256"]?.stringValue.flatMap(Digest.init(hex:)),
            let resources = statement["predicate"]?["resources"]?.arrayValue
        else { throw malformed("it does not name one model and its files") }
        let listed = try resources.reduceThrowing(into: []) { (list, value) throws(LetheError) in
            list.append(try Resource(value))
        }
        var hasher = DigestHasher()
        for resource in listed { hasher.update(resource.digest.bytes) }
        guard hasher.finalize() == root else {
            throw broken("its list of files is not the one that its root names")
        }
        let ignored = statement["predicate"]?["serialization"]?["ignore_paths"]?.arrayValue ?? []
        try compare(listed, with: folder, ignoring: ignored.compactMap(\.stringValue))
        return Checked(model: name, root: root, resourceCount: listed.count)
    }

    /// The signed payload, after the signature was checked.
    private static func payload(
        of bundle: JSONValue, _ key: ModelVerifyingKey
    ) throws(LetheError) -> [UInt8] {
        guard bundle["mediaType"]?.stringValue == mediaType else {
            throw unsupported("it is no Sigstore bundle of version 0.3")
        }
        guard let hint = bundle["verificationMaterial"]?["publicKey"]?["hint"]?.stringValue else {
            throw unsupported("it is not signed with a public key")
        }
        guard hint == key.hint else {
            throw LetheError(
                code: .refused, message: "The model was signed with another key.",
                remedy: "Name the public key of its signer.")
        }
        let envelope = bundle["dsseEnvelope"]
        guard envelope?["payloadType"]?.stringValue == payloadType,
            let signatures = envelope?["signatures"]?.arrayValue, signatures.count == 1,
            let payload = envelope?["payload"]?.stringValue.flatMap({ Data(base64Encoded: $0) }),
            let signature = signatures[0]["sig"]?.stringValue.flatMap({ Data(base64Encoded: $0) })
        else { throw malformed("it does not hold one payload and one signature") }
        guard key.isValid(signature: [UInt8](signature), for: signedBytes([UInt8](payload))) else {
            throw broken("its signature does not match its contents")
        }
        return [UInt8](payload)
    }

    private static func compare(
        _ resources: [Resource], with folder: URL, ignoring ignored: [String]
    ) throws(LetheError) {
        let files = ModelFiles(folder: folder)
        // The signature itself may lie in the folder under its customary name.
        let paths = try files.paths(ignoring: ignored + ModelFiles.ignored + [fileName])
        let named = Dictionary(grouping: resources, by: \.path)
        if let missing = Set(named.keys).subtracting(paths).min() {
            throw broken("the signed file \(missing.prefix(120)) is missing")
        }
        for path in paths {
            guard let parts = named[path] else {
                throw broken("the file \(path.prefix(120)) is not signed")
            }
            try compare(parts, of: path, in: files)
        }
    }

    private static func compare(
        _ parts: [Resource], of path: String, in files: ModelFiles
    ) throws(LetheError) {
        var end = 0
        for part in parts.sorted(by: { $0.range?.lowerBound ?? 0 < $1.range?.lowerBound ?? 0 }) {
            guard part.range?.lowerBound ?? end == end else {
                throw broken("the parts of \(path.prefix(120)) do not follow each other")
            }
            end = part.range?.upperBound ?? end
            guard try files.digest(of: path, in: part.range) == part.digest else {
                throw broken("the file \(path.prefix(120)) is not the one that was signed")
            }
        }
        let isWhole = parts.count == 1 && parts[0].range == nil
        guard isWhole || files.sizeBytes(of: path) == end else {
            throw broken("the parts of \(path.prefix(120)) are not the whole file")
        }
    }

    static func broken(_ reason: String) -> LetheError {
        LetheError(
            code: .integrity, message: "The model's signature does not hold: \(reason).",
            remedy: "Pull the model again from a source that you trust.")
    }

    static func malformed(_ reason: String) -> LetheError {
        LetheError(
            code: .malformed, message: "The file is no signature of a model: \(reason).",
            remedy: "Name the file model.sig that came with the model.")
    }

    static func unsupported(_ reason: String) -> LetheError {
        LetheError(
            code: .unsupported, message: "The signature cannot be checked here: \(reason).",
            remedy: "Check it with: model_signing verify")
    }
}

/// One signed file, or a part of one.
struct Resource {
    let path: String
    /// Which bytes; nil for the whole file.
    let range: Range<Int>?
    let digest: Digest

    init(_ value: JSONValue) throws(LetheError) {
        // Of parts the stock client says their length here, too: `sha256-sharded-1000000000`.
        let algorithm = value["algorithm"]?.stringValue ?? ""
        guard algorithm == "sha256" || algorithm.hasPrefix("sha256-sharded-") else {
            throw ModelSignature.unsupported("its files are not hashed with SHA-256")
        }
        guard let name = value["name"]?.stringValue,
            let digest = value["digest"]?.stringValue.flatMap(Digest.init(hex:))
        else { throw ModelSignature.malformed("a file has no name or digest") }
        self.digest = digest
        let words = name.split(separator: ":", omittingEmptySubsequences: false)
        if words.count == 3, let start = Int(words[1]), let end = Int(words[2]), 0 <= start,
            start <= end
        {
            path = String(words[0])
            range = start..<end
        } else {
            path = name
            range = nil
        }
    }
}

extension Sequence {
    /// `reduce(into:)` for closures that throw a known error.
    func reduceThrowing<Result, Failure: Error>(
        into initial: Result, _ next: (inout Result, Element) throws(Failure) -> Void
    ) throws(Failure) -> Result {
        var result = initial
        for element in self { try next(&result, element) }
        return result
    }
}
