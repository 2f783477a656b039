internal import Foundation
public import LetheRecords
internal import LetheStorage

extension Registry {
    /// What every token begins with, so that programs that look for leaked secrets know it.
    static let tokenPrefix = "lethe_"

    private var tokensFile: URL { storage.layout.root.appending(path: "tokens.json") }

    /// The tokens with which a server of this registry lets somebody in.
    ///
    /// - Throws: `malformed` if the file was damaged.
    public func tokens() throws(LetheError) -> AccessTokens {
        do throws(LetheError) {
            return try AccessTokens.read(canonical: storage.files.readFile(tokensFile))
        } catch  where error.code == .notFound {
            return AccessTokens(tokens: [])
        }
    }

    /// Makes a token.
    ///
    /// - Parameters:
    ///   - name: A name for people and logs.
    ///   - scopes: What its bearer may do.
    ///   - models: Names of models, or beginnings of names with a `*` behind; nil for all.
    /// - Returns: the token itself, which is kept nowhere.
    /// - Throws: `alreadyExists` for a name that is taken; `invalidArgument`; `io`.
    public func addToken(
        named name: String, scopes: [AccessScope], models: [String]?, now: Timestamp
    ) throws(LetheError) -> String {
        try ReferenceName.validate(name, of: "token")
        for rule in models ?? [] where rule != "*" {
            try ReferenceName.validate(
                rule.hasSuffix("*") ? "\(rule.dropLast())x" : rule, of: "model")
        }
        guard !scopes.isEmpty, models?.isEmpty != true else {
            throw LetheError(
                code: .invalidArgument, message: "The token \(name) would allow nothing.",
                remedy: "Name at least one scope, and at least one model or none for all.")
        }
        let random = (0..<4).map { _ in UInt64.random(in: .min ... .max) }
        let bytes = random.flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
        }
        let token = Self.tokenPrefix + Hex.encode(bytes)
        try changeTokens { (book) throws(LetheError) in
            guard !book.tokens.contains(where: { $0.name == name }) else {
                throw LetheError(
                    code: .alreadyExists, message: "There is a token \(name).",
                    remedy: "Choose another name, or take it away with lethe token remove \(name).")
            }
            book.tokens.append(
                AccessToken(
                    name: name, digest: Digest(hashing: Array(token.utf8)), scopes: scopes,
                    models: models, created: now))
        }
        return token
    }

    /// Takes a token away; a running server refuses it from now on.
    ///
    /// - Throws: `notFound`, `io`.
    public func removeToken(named name: String) throws(LetheError) {
        try changeTokens { (book) throws(LetheError) in
            guard book.tokens.contains(where: { $0.name == name }) else {
                throw LetheError(
                    code: .notFound, message: "There is no token \(name).",
                    remedy: "See which there are with lethe token list.")
            }
            book.tokens.removeAll { $0.name == name }
        }
    }

    private func changeTokens(
        _ change: (inout AccessTokens) throws(LetheError) -> Void
    ) throws(LetheError) {
        try storage.requireWritable()
        try storage.exclusively("tokens") { () throws(LetheError) in
            var book = try tokens()
            try change(&book)
            try storage.files.replaceFile(tokensFile, with: book.canonicalBytes())
        }
    }
}
