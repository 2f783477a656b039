internal import Foundation
internal import Glibc
internal import LetheRecords
internal import LetheRegistry

/// The hidden folder beside the one that a pull shall make, where its files are collected; a pull
/// that was interrupted finds there what had arrived.
///
/// It is this user's alone, so nobody else can put a link into it, and held as long as somebody
/// pulls into it.
final class PartialFolder {
    private static let suffix = ".pulling"

    let url: URL
    private let target: URL
    private let permissions: Any?
    private let lock: FileHandle

    /// Makes it, or takes the one that an interrupted pull of the same version left.
    ///
    /// - Parameter version: What names the version; of it only a digest becomes part of a name.
    /// - Throws: `alreadyExists` if the target is there; `conflict` if somebody pulls into it;
    ///   `refused` if what is there is not this user's; `io`.
    init(for target: URL, version: String) throws {
        // Says whether the target may be made, and what everybody may do with it.
        let other = try Registry.partialFolder(for: target)
        permissions = try FileManager.default.attributesOfItem(atPath: other.path)[
            .posixPermissions]
        try FileManager.default.removeItem(at: other)
        self.target = target
        let name = Digest(hashing: Array(version.utf8)).hex.prefix(32)
        url = Self.place(beside: target, String(name))
        try Self.make(url)
        guard let lock = Self.hold(url) else {
            throw LetheError(
                code: .conflict, message: "Somebody is pulling into \(target.path) already.",
                remedy: "Wait for that, or name another folder.")
        }
        self.lock = lock
        Self.removeOthers(beside: target, but: url)
    }

    /// Lets the target appear whole.
    func finish() throws {
        try Registry.rename(url, to: target)
        guard let permissions else { return }
        try FileManager.default.setAttributes(
            [.posixPermissions: permissions], ofItemAtPath: target.path)
    }

    /// Forgets what has arrived.
    func remove() { try? FileManager.default.removeItem(at: url) }

    /// Removes what interrupted pulls have left that nobody goes on with, such as of a version that
    /// is not given out any more.
    static func removeOthers(beside target: URL, but kept: URL? = nil) {
        let folder = target.standardizedFileURL.deletingLastPathComponent()
        let start = ".\(target.standardizedFileURL.lastPathComponent)."
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        for name in names where name.hasPrefix(start) && name.hasSuffix(suffix) {
            let digits = name.dropFirst(start.count).dropLast(suffix.count)
            let url = folder.appending(path: name)
            guard digits.count == 32, digits.allSatisfy(\.isHexDigit),
                url.lastPathComponent != kept?.lastPathComponent, isOwn(url),
                let lock = hold(url)
            else { continue }
            try? FileManager.default.removeItem(at: url)
            withExtendedLifetime(lock) {}
        }
    }

    private static func place(beside target: URL, _ name: String) -> URL {
        let target = target.standardizedFileURL
        return target.deletingLastPathComponent()
            .appending(path: ".\(target.lastPathComponent).\(name)\(suffix)")
    }

    private static func make(_ url: URL) throws {
        guard unsafe mkdir(url.path, 0o700) != 0 else { return }
        guard errno == EEXIST else {
            throw LetheError(
                code: .io, message: "The folder \(url.path) cannot be made.",
                remedy: "Name a folder that you may write.")
        }
        guard isOwn(url) else {
            throw LetheError(
                code: .refused, message: "\(url.path) is not yours alone.",
                remedy: "Remove it, or name another folder.")
        }
    }

    /// Whether it is a folder, no link, that only this user can write and read.
    private static func isOwn(_ url: URL) -> Bool {
        guard let found = try? FileManager.default.attributesOfItem(atPath: url.path) else {
            return false
        }
        return found[.type] as? FileAttributeType == .typeDirectory
            && (found[.ownerAccountID] as? NSNumber)?.uint32Value == geteuid()
            && (found[.posixPermissions] as? NSNumber)?.intValue == 0o700
    }

    /// Holds it until the handle goes; nil while somebody else does.
    private static func hold(_ url: URL) -> FileHandle? {
        let handle = unsafe open(url.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard handle >= 0 else { return nil }
        let lock = FileHandle(fileDescriptor: handle, closeOnDealloc: true)
        return flock(handle, LOCK_EX | LOCK_NB) == 0 ? lock : nil
    }
}
