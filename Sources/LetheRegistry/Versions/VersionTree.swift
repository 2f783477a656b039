internal import Foundation
internal import LetheRecords
internal import LetheStorage

/// The tree of a version's commit: an ordinary model repository with `.lethe/` beside it
/// (architecture section 4).
struct VersionTree {
    static let weightsName = "model.safetensors"
    static let configurationName = "config.json"
    /// Room for the names of a hundred thousand classes.
    static let configurationLimitBytes = 16 << 20
    static let manifestPath = ".lethe/version.json"
    static let attributes = Array("*.safetensors filter=lfs diff=lfs merge=lfs -text\n".utf8)

    static func requestPath(_ id: String) -> String { ".lethe/requests/\(id).json" }
    static func sampleListPath(_ id: String) -> String { ".lethe/requests/\(id).samples.json" }
    static func certificatePath(_ number: Int) -> String { ".lethe/certificates/\(number).json" }

    private(set) var files: [TreePath: [UInt8]] = [:]
    /// The bytes of `.lethe/version.json`.
    let manifest: [UInt8]

    /// Lays out a version; `texts` are the bytes of its files that are small text.
    init(
        _ manifest: VersionManifest, texts: [String: [UInt8]], requests: [ForgetRequest],
        certificates: [Int: [UInt8]], sampleLists: [String: SampleList] = [:]
    ) throws(LetheError) {
        self.manifest = try manifest.canonicalBytes()
        for file in manifest.files {
            try add(file.path, texts[file.path] ?? Self.pointer(to: file))
        }
        try add(".gitattributes", Self.attributes)
        try add(Self.manifestPath, self.manifest)
        for request in requests { try add(Self.requestPath(request.id), request.canonicalBytes()) }
        for (id, list) in sampleLists { try add(Self.sampleListPath(id), list.canonicalBytes()) }
        for (number, bytes) in certificates { try add(Self.certificatePath(number), bytes) }
    }

    private mutating func add(_ path: String, _ bytes: [UInt8]) throws(LetheError) {
        files[try TreePath(path)] = bytes
    }

    private static func pointer(to file: VersionFile) -> [UInt8] {
        LargeFilePointer(digest: file.digest, sizeBytes: file.sizeBytes).bytes
    }

    /// Whether a file goes into git as it is rather than as a pointer.
    static func isText(_ path: String, sizeBytes: Int) -> Bool {
        if path == ShardIndex.name { return true }
        return sizeBytes < 256 << 10
            && [".json", ".md", ".txt"].contains { path.hasSuffix($0) }
    }
}
