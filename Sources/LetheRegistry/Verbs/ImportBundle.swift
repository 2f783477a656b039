public import Foundation
internal import LetheCertificates
public import LetheRecords
internal import LetheStorage

extension Registry {
    /// Makes a registry from a packed one: a folder with `lineage.bundle` (git), `objects/`,
    /// `keys/allowed_signers`, `recipes/` and `policies/`.
    ///
    /// The new registry trusts the keys that came with it and those given.
    ///
    /// - Throws: as `create`; `integrity` if an object is not what its name says.
    public static func create(
        at root: URL, fromPacked packed: URL, defaults: URL, policy: String, keys: KeyFolder,
        now: Timestamp
    ) throws(LetheError) -> Registry {
        let registry = try create(
            at: root, defaults: defaults, policy: policy, keys: keys, now: now)
        do throws(LetheError) {
            try registry.unpack(packed, keys: keys)
            return try Registry(opening: root)
        } catch {
            try? FileManager.default.removeItem(at: root)
            throw error
        }
    }

    private func unpack(_ packed: URL, keys: KeyFolder) throws(LetheError) {
        let batch = storage.objects.batch()
        let folder = packed.appending(path: "objects")
        let paths =
            FileManager.default.enumerator(atPath: folder.path)?
            .compactMap { $0 as? String } ?? []
        for path in paths.sorted() {
            let hex = path.split(separator: "/").suffix(2).joined()
            guard let digest = Digest(hex: hex) else { continue }
            let url = folder.appending(path: path)
            try batch.put(storage.files.readFile(url, limitBytes: 64 << 20), expecting: digest)
        }
        try batch.makeDurable()
        try storage.lineage.fetch(bundle: packed.appending(path: "lineage.bundle"))
        try trust(packed.appending(path: "keys/\(Self.allowedSignersName)"), and: keys)
        try writeOrder(keys).startLog()
    }

    private func trust(_ file: URL, and keys: KeyFolder) throws(LetheError) {
        let text = String(decoding: try storage.files.readFile(file), as: UTF8.self)
        let all = try TrustedKeys(allowedSigners: text).entries + keys.trustedKeys().entries
        try Self.write(TrustedKeys(all), to: storage.layout, files: storage.files)
        try RegistrySeal.write(in: storage.layout, files: storage.files, keys: keys)
    }
}
