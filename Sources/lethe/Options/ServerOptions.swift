internal import ArgumentParser
internal import LetheRegistry

/// How a server is asked, where the other registry is at one.
struct ServerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "For https://, a file with the token. Default: $LETHE_TOKEN.",
            discussion: "An argument would show it to every user of this machine."),
        completion: .file())
    var tokenFile: String?

    @Option(
        help: ArgumentHelp(
            "For https://, a PEM file of the authorities that may vouch for the server.",
            discussion: "Default: those of this machine."),
        completion: .file())
    var certificateAuthority: String?

    @Flag(help: "Send the token without TLS also to other machines.")
    var plainHTTP = false

    var access: ServerAccess {
        var access = ServerAccess()
        access.tokenFile = tokenFile
        access.certificateAuthority = certificateAuthority
        access.allowsPlainHTTP = plainHTTP
        return access
    }
}
