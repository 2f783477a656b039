public import Foundation
public import LetheCertificates
public import LetheRecords
public import LetheStorage

extension Registry {
    /// Makes a registry at `root`.
    ///
    /// - Parameters:
    ///   - defaults: A folder with `recipes/` and `policies/` that the registry starts from.
    ///   - keys: The keys whose public halves the registry trusts.
    ///   - adopting: Further keys that it trusts, because the registry that it is cloned from does.
    ///   - origin: What it is cloned from; nil for a new registry.
    ///   - encrypting: Whether its objects are encrypted, with keys beside `keys`.
    /// - Throws: `alreadyExists`; `io`, `diskFull`. Nothing is left then.
    public static func create(
        at root: URL, defaults: URL, policy: String, keys: KeyFolder, now: Timestamp,
        adopting: [TrustedKeys.Entry] = [], origin: RegistryOrigin? = nil,
        encrypting: Bool = false,
        beforeStep: @escaping BeforeStep = { (_) throws(LetheError) in }
    ) throws(LetheError) -> Registry {
        let own = try keys.trustedKeys().entries.filter { entry in
            !adopting.contains { $0.key == entry.key }
        }
        let trusted = try TrustedKeys(adopting + own)
        let id = UUID().uuidString.lowercased()
        let log = SignedCheckpoint.origin(registry: id)
        let description = RegistryDescription(
            id: id, policy: policy, created: now, log: log,
            encryption: encrypting ? RegistryDescription.chunkedAES : nil)
        try RegistryStorage.create(at: root, beforeStep: beforeStep) {
            (layout, files) throws(LetheError) in
            try copyDefaults(from: defaults, to: layout, files: files)
            try write(trusted, to: layout, files: files)
            try files.replaceFile(layout.description, with: description.canonicalBytes())
            if let origin {
                try files.replaceFile(
                    layout.root.appending(path: originName), with: origin.canonicalBytes())
            }
            try RegistrySeal.write(in: layout, files: files, keys: keys)
            try writeFirstCheckpoint(origin: log, in: layout, files: files, keys: keys)
        }
        let registry = try Registry(opening: root, beforeStep: beforeStep)
        try registry.useKeys(in: keys.url)
        return registry
    }

    static func write(
        _ trusted: TrustedKeys, to layout: RegistryLayout, files: StoreFiles
    ) throws(LetheError) {
        try files.replaceFile(
            layout.keys.appending(path: allowedSignersName),
            with: Array(trusted.allowedSigners.utf8))
    }

    private static func copyDefaults(
        from defaults: URL, to layout: RegistryLayout, files: StoreFiles
    ) throws(LetheError) {
        let pairs = [("recipes", layout.recipes), ("policies", layout.policies)]
        for (name, target) in pairs {
            let source = defaults.appending(path: name)
            let names = (try? FileManager.default.contentsOfDirectory(atPath: source.path)) ?? []
            guard !names.isEmpty else {
                throw LetheError(
                    code: .notFound, message: "\(source.path) holds no \(name).",
                    remedy: "Name the folder with recipes/ and policies/ with --defaults.")
            }
            try files.makeFolder(target)
            for file in names.sorted() where file.hasSuffix(".json") {
                let bytes = try files.readFile(source.appending(path: file))
                try files.replaceFile(target.appending(path: file), with: bytes)
            }
        }
    }
}
