internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry

struct Token: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Say who may do what through a server of this registry.",
        discussion: "A running server heeds every change at once.",
        subcommands: [AddToken.self, ListTokens.self, RemoveToken.self])
}

struct AddToken: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Make a token and show it, this once.")

    @Argument(help: "A name for people and logs.")
    var name: String

    @Option(
        name: .customLong("scope"),
        help:
            "What its bearer may do: read, publish, forget, certify, mirror or admin; repeatable.",
        transform: AddToken.scope)
    var scopes: [AccessScope] = [.read]

    @Option(
        name: .customLong("model"),
        help: "A model, or the beginning of names with a * behind; repeatable. Default: all.")
    var models: [String] = []

    @OptionGroup var registryOptions: RegistryOptions

    func run() async throws {
        let token = try registryOptions.open().addToken(
            named: name, scopes: AccessScope.allCases.filter(scopes.contains),
            models: models.isEmpty ? nil : models, now: Timestamp(Date()))
        registryOptions.output.write(
            .object(["name": .string(name), "token": .string(token)]),
            text: "\(token)\n\nThis is the only time that it is shown.")
    }

    private static func scope(_ text: String) throws -> AccessScope {
        guard let scope = AccessScope(rawValue: text) else {
            let names = AccessScope.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--scope is one of \(names).")
        }
        return scope
    }
}

struct ListTokens: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show which tokens there are; not the tokens themselves.")

    @OptionGroup var registryOptions: RegistryOptions

    func run() async throws {
        let tokens = try registryOptions.open().tokens().tokens
        var table = Table(["name", "may", "models", "made"])
        for token in tokens {
            table.add(
                token.name, token.scopes.map(\.rawValue).joined(separator: " "),
                token.models?.joined(separator: " ") ?? "all", token.created.description)
        }
        registryOptions.output.write(
            .array(tokens.map(json)), text: tokens.isEmpty ? "There is no token." : table.text)
    }

    private func json(_ token: AccessToken) -> JSONValue {
        .object([
            "name": .string(token.name),
            "scopes": .array(token.scopes.map { .string($0.rawValue) }),
            "models": token.models.map { .array($0.map(JSONValue.string)) } ?? .null,
            "created": .string(token.created.description),
        ])
    }
}

struct RemoveToken: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Take a token away.")

    @Argument(help: "The token's name.")
    var name: String

    @OptionGroup var registryOptions: RegistryOptions

    func run() async throws {
        try registryOptions.open().removeToken(named: name)
        registryOptions.output.write(
            .object(["removed": .string(name)]), text: "Took the token \(name) away.")
    }
}
