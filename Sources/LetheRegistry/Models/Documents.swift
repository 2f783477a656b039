internal import Foundation
public import LetheRecords
internal import LetheStorage

extension Registry {
    /// A recipe of this registry by its name, or any recipe file by its path.
    ///
    /// - Throws: `notFound` naming those there are, `malformed`.
    public func recipe(named name: String) throws(LetheError) -> Recipe {
        try document(Recipe.self, named: name, kind: "recipe", in: storage.layout.recipes)
    }

    /// A policy of this registry by its name, or any policy file by its path.
    ///
    /// - Throws: `notFound` naming those there are, `malformed`.
    public func policy(named name: String) throws(LetheError) -> Policy {
        try document(Policy.self, named: name, kind: "policy", in: storage.layout.policies)
    }

    /// The names of this registry's policies, in order.
    public func policies() -> [String] { names(in: storage.layout.policies) }

    private func names(in folder: URL) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
            .filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }
            .filter { !$0.hasSuffix(".json") }.sorted()
    }

    private func document<Document: Record>(
        _ type: Document.Type, named name: String, kind: String, in folder: URL
    ) throws(LetheError) -> Document {
        let isPath = name.contains("/") || name.hasSuffix(".json")
        let url = isPath ? URL(fileURLWithPath: name) : folder.appending(path: "\(name).json")
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw LetheError(
                code: .notFound, message: "There is no \(kind) \"\(name)\".",
                remedy: "This registry has: \(names(in: folder).joined(separator: ", ")).")
        }
        return try Document.read(handwritten: storage.files.readFile(url))
    }
}
