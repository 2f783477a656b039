internal import HTTPTypes
internal import HummingbirdCore
internal import LethePages
internal import LetheRecords
internal import LetheRegistry

/// `/models/<name>/v<number>/pull`: three commands for each client.
struct PullPage: PageRoute {
    static let name = "page-pull"
    private let model: String
    private let number: Int

    init?(_ path: RequestPath) {
        guard let found = NamedVersion.split(path, ending: ["pull"]) else { return nil }
        (model, number) = found
    }

    var need: Need { .read(model: model) }

    func page(_ call: Call) throws -> Page {
        let named = try NamedVersion(model, number, call)
        guard let release = named.release else {
            throw named.refusal.map { Failure($0) } ?? Failure.noRevision("v\(number)", of: model)
        }
        let origin = Self.origin(call)
        let isOpen = call.settings.isPublic
        let file = Self.main(release)
        return Page(
            title: "Pull \(named.version.name)", trail: named.trail, place: "Models",
            content: [
                .element("h1", text: "Pull \(named.version.name)"),
                Parts.text(
                    isOpen
                        ? "Nobody needs a token here."
                        : "Each client needs a token: put yours where lethe_… stands.",
                    style: "lead"),
                client("Hugging Face", hub(origin, isOpen)),
                client("git", git(origin, isOpen)),
                client("curl", file.map { curl($0, origin, isOpen) } ?? []),
                client("lethe", lethe),
                Parts.section(
                    "Afterwards", id: "afterwards",
                    [
                        Parts.text(
                            "The certificate that comes with the files says what was forgotten. "
                                + "Check it with keys that you got from somebody you trust, not "
                                + "from this server:"),
                        Parts.commands([
                            "lethe verify --certificate \(model)/lethe-certificate.json "
                                + "--files \(model) --trusted allowed_signers"
                        ]),
                    ]),
            ])
    }

    private func client(_ name: String, _ commands: [String]) -> Markup {
        if commands.isEmpty { return .group([]) }
        let id = "with-" + name.lowercased().replacing(" ", with: "-")
        return Parts.section("With \(name)", id: id, [Parts.commands(commands)])
    }

    private func hub(_ origin: String, _ isOpen: Bool) -> [String] {
        [
            "export HF_ENDPOINT=\(origin)" + (isOpen ? "" : " HF_TOKEN=lethe_…"),
            "hf download \(model) --revision v\(number) --local-dir \(model)",
            "hf download \(model) model.tlog-proof --revision v\(number) --local-dir proof",
        ]
    }

    private func git(_ origin: String, _ isOpen: Bool) -> [String] {
        let address =
            isOpen
            ? origin : origin.replacing("://", with: "://me:lethe_…@", maxReplacements: 1)
        return [
            "git lfs install", "git clone \(address)/\(model).git",
            "git -C \(model) checkout v\(number)",
        ]
    }

    private func curl(_ file: ReleasedFile, _ origin: String, _ isOpen: Bool) -> [String] {
        let name = String(file.path.split(separator: "/").last ?? "file")
        let token = isOpen ? "" : " -H 'Authorization: Bearer lethe_…'"
        return [
            "address=\(origin)\(Address.file(file.path, model, number))",
            "curl --fail\(token) -o \(Self.quoted(name)) \"$address\"",
            "echo \(Self.quoted("\(file.digest.hex)  \(name)")) | sha256sum --check",
        ]
    }

    /// On the machine that has the registry.
    private var lethe: [String] {
        [
            "export LETHE_REGISTRY=path/to/the/registry",
            "lethe pull \(model)@v\(number) \(model)",
            "lethe proof --check \(model)/model.tlog-proof --trusted allowed_signers",
        ]
    }

    /// The weights, or the largest file.
    private static func main(_ release: Release) -> ReleasedFile? {
        release.files.first { $0.path == "model.safetensors" }
            ?? release.files.max { $0.sizeBytes < $1.sizeBytes }
    }

    /// How clients address this server; what a request says of itself is taken only if it could be
    /// a host.
    static func origin(_ call: Call) -> String {
        if let url = call.settings.url { return url }
        let host = call.request.head.authority ?? ""
        let isHost =
            !host.isEmpty
            && host.utf8.allSatisfy { byte in
                (0x30...0x3A).contains(byte) || (0x61...0x7A).contains(byte)
                    || (0x41...0x5A).contains(byte) || ".-[]".utf8.contains(byte)
            }
        return "\(call.settings.scheme)://\(isHost ? host : "127.0.0.1:8080")"
    }

    /// One word of a shell.
    private static func quoted(_ text: String) -> String {
        "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
