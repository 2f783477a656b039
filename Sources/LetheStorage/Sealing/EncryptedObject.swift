public import LetheRecords

/// An object whose file is encrypted, as its header says.
public struct EncryptedObject: Sendable {
    /// SHA-256 of what it holds, by its name.
    public let digest: Digest
    /// The identifier of the key that it is encrypted with.
    public let key: [UInt8]
    /// How long what it holds is.
    public let sizeBytes: Int
}

extension ObjectStore {
    /// Hands over every encrypted object, in the order of their digests.
    ///
    /// - Throws: `integrity` for a file that is neither encrypted nor a recipe.
    public func eachEncrypted(_ body: (EncryptedObject) -> Void) throws(LetheError) {
        for prefix in FolderListing.names(in: folder).sorted() {
            for name in FolderListing.names(in: "\(folder)/\(prefix)").sorted() {
                guard let digest = Digest(hex: prefix + name), let object = try encrypted(digest)
                else { continue }
                body(object)
            }
        }
    }

    /// An encrypted object by its name; nil if it is not encrypted or not there.
    ///
    /// - Throws: as `eachEncrypted`.
    public func encrypted(_ digest: Digest) throws(LetheError) -> EncryptedObject? {
        guard let form = try form(of: digest) else { return nil }
        return EncryptedObject(digest: digest, key: form.key, sizeBytes: form.sizeBytes)
    }

    /// The form of an encrypted object; nil if it is a recipe or not there, and where nothing is
    /// encrypted.
    func form(of digest: Digest) throws(LetheError) -> EncryptedForm? {
        if vault == nil { return nil }
        do throws(LetheError) {
            return try EncryptedForm.of(FileDescriptor.reading(path(of: digest)))
        } catch  where error.code == .notFound {
            return nil
        }
    }

    /// Whether there is an object of that name and length that can be read: one whose key is gone
    /// has to be stored anew, and so has one that somebody put there as it is.
    func holds(_ digest: Digest, sizeBytes: Int) -> Bool {
        guard self.sizeBytes(of: digest) == sizeBytes else { return false }
        guard let vault else { return true }
        do throws(LetheError) {
            guard let form = try form(of: digest) else {
                _ = try recipe(digest)
                return true
            }
            _ = try vault.key(form.key, of: digest)
            return true
        } catch {
            return false
        }
    }
}
