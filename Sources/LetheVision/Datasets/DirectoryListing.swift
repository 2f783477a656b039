import Foundation
import LetheRecords

/// What a folder holds, sorted by the bytes of the names, hidden entries left out.
struct DirectoryListing {
    enum Kind {
        case file
        case folder
        case link
    }

    struct Entry {
        let name: String
        let kind: Kind
    }

    let entries: [Entry]

    init(_ folder: URL) throws(LetheError) {
        do {
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
                .filter { !$0.hasPrefix(".") }
                .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            entries = try names.map { name in
                let path = folder.appending(path: name).path
                let status = try FileReading.status(of: path, followsLinks: false)
                switch status.st_mode & S_IFMT {
                case S_IFDIR: return Entry(name: name, kind: .folder)
                case S_IFLNK: return Entry(name: name, kind: .link)
                default: return Entry(name: name, kind: .file)
                }
            }
        } catch {
            throw LetheError(
                code: .notFound, message: "The folder \(folder.lastPathComponent) cannot be read.",
                remedy: "Check the path and its permissions.", cause: error)
        }
    }

    /// The entries with links replaced by what they point to.
    ///
    /// - Throws: `refused` for a link that leaves `root`.
    func entries(of folder: URL, resolvedWithin root: URL) throws(LetheError) -> [Entry] {
        let inside = root.resolvingSymlinksInPath().path + "/"
        var result: [Entry] = []
        for entry in entries {
            guard entry.kind == .link else {
                result.append(entry)
                continue
            }
            let target = folder.appending(path: entry.name).resolvingSymlinksInPath()
            guard target.path.hasPrefix(inside) else {
                throw LetheError(
                    code: .refused,
                    message: "\(entry.name) is a link to something outside the dataset.",
                    remedy: "Copy the files into the dataset's folder, or remove the link.")
            }
            let isFolder = (try? DirectoryListing(target)) != nil
            result.append(Entry(name: entry.name, kind: isFolder ? .folder : .file))
        }
        return result
    }
}
