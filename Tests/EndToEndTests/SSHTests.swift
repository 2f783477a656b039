import Foundation
import Glibc
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

/// Push, fetch, clone and audit with the real command over a real OpenSSH server of this machine.
@Suite(
    "Registries on another machine, over ssh",
    .enabled(if: Program.has("sshd", "ssh", "ssh-keygen", "git"), "needs openssh-server and git"))
struct SSHTests {
    @Test("Push, fetch, clone and audit do over ssh what they do between folders")
    func everything() async throws {
        let (here, there) = try await Self.pair()
        let server = try SecureShell(keys: there.keysFolder)
        defer { server.stop() }
        let address = server.address(there.root)
        func lethe(_ arguments: String...) throws -> Program {
            try server.lethe(arguments, registry: here.root, keys: here.keysFolder)
        }
        let added = try lethe("remote", "add", "mirror", address)
        try #require(added.status == 0, "\(added.errors)")
        try await here.publish(here.otherModelFolder, as: "cats", in: here.open())
        let pushed = try lethe("push", "mirror", "--quiet")
        #expect(pushed.status == 0, "\(pushed.errors)\(pushed.output)")
        #expect(try there.open().models() == ["cats", "faces"])
        #expect(try there.check().isClean)

        try await there.publish(there.modelFolder, as: "dogs", in: there.open())
        let fetched = try lethe("fetch", address, "dogs", "--quiet", "--json")
        #expect(fetched.status == 0, "\(fetched.errors)")
        let answer = try StrictJSON.parse(Array(fetched.output.utf8))
        #expect(answer["lines"]?.arrayValue?.first?["outcome"]?.stringValue == "moved")

        let root = here.folder("second")
        let cloned = try server.lethe(
            ["clone", address, root.path, "--keys", here.folder("second-keys").path, "--quiet"],
            registry: here.root, keys: here.keysFolder)
        #expect(cloned.status == 0, "\(cloned.errors)")
        let second = TinyRegistry(root: root, outside: here.outside)
        #expect(try second.open().models() == ["cats", "dogs", "faces"])
        #expect(try second.check().isClean && here.check().isClean)

        for verb in ["audit", "fsck"] {
            let audit = try lethe(verb, "--remote", "mirror")
            #expect(audit.status == 0 && audit.output.contains("honours"), "\(audit.output)")
        }
        #expect(try lethe("remote", "list").output.contains(address))
    }

    @Test("Who pushes second is told, with exit code 6, and a damaged mirror is named")
    func conflict() async throws {
        let (here, there) = try await Self.pair()
        let server = try SecureShell(keys: there.keysFolder)
        defer { server.stop() }
        let address = server.address(there.root)
        func lethe(_ arguments: String...) throws -> Program {
            try server.lethe(arguments, registry: here.root, keys: here.keysFolder)
        }
        try await here.forget([1], in: here.open())
        try await there.publish(there.otherModelFolder, in: there.open())
        let pushed = try lethe("push", address, "faces", "--quiet")
        #expect(pushed.status == 6 && pushed.output.contains("went on in both"))
        #expect(try here.open().versions(of: "faces").count == 2 && here.check().isClean)

        let object = try #require(
            FileManager.default.enumerator(
                at: there.root.appending(path: "objects"), includingPropertiesForKeys: nil)?
                .compactMap { $0 as? URL }.filter { !$0.hasDirectoryPath }
                .sorted { $0.path < $1.path }.first { (try? Data(contentsOf: $0).count) ?? 0 > 8 })
        var bytes = try Data(contentsOf: object)
        bytes[4] ^= 1
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: object.path)
        try bytes.write(to: object)
        let audit = try lethe("audit", "--remote", address)
        #expect(audit.status == 4 && audit.output.contains("remote-poisoned"), "\(audit.output)")
    }

    @Test("A machine that is not there, no lethe there, and no registry there are said apart")
    func failures() async throws {
        let (here, there) = try await Self.pair()
        let server = try SecureShell(keys: there.keysFolder)
        defer { server.stop() }
        let missing = try server.lethe(
            ["fetch", server.address(there.folder("nothing")), "--quiet"], registry: here.root,
            keys: here.keysFolder)
        #expect(missing.status == 1 && missing.errors.contains("no Lethe registry"))
        let stopped = server.address(there.root)
        server.stop()
        let gone = try server.lethe(
            ["fetch", stopped, "--quiet"], registry: here.root, keys: here.keysFolder)
        #expect(gone.status == 1 && gone.errors.contains("refused"), "\(gone.errors)")
    }

    /// A registry with one version and a dataset, and a clone of it with the same keys.
    private static func pair() async throws -> (here: TinyRegistry, there: TinyRegistry) {
        let here = try TinyRegistry()
        let registry = try here.open()
        try await here.publish(in: registry)
        try await here.addDataset(in: registry)
        return (here, try here.cloned())
    }
}

/// An OpenSSH server of this machine, for this user and one key, on a port of the loopback.
private final class SecureShell {
    private let folder: TemporaryFolder
    /// No `Process` of Foundation: sshd closes the files by which that watches it, after which the
    /// end of no other program is seen.
    private let process: ChildProcess
    private var isStopped = false
    let port: Int

    /// - Parameter keys: The private keys of the registry there.
    init(keys: URL) throws {
        folder = try TemporaryFolder()
        port = try LoopbackPort.free()
        let root = folder.url
        for name in ["host", "user"] {
            let made = try Program.run(
                "ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", name], in: root)
            try #require(made.status == 0, "\(made.errors)")
        }
        try FileManager.default.copyItem(
            at: root.appending(path: "user.pub"), to: root.appending(path: "authorized"))
        let path = Locations.products.path + ":/usr/bin:/bin"
        try Self.write(
            "sshd_config",
            """
            ListenAddress 127.0.0.1
            Port \(port)
            HostKey \(root.path)/host
            PidFile \(root.path)/pid
            AuthorizedKeysFile \(root.path)/authorized
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin prohibit-password
            StrictModes no
            UsePAM no
            SetEnv PATH=\(path) LETHE_KEYS=\(keys.path)
            """, in: root)
        try Self.write(
            "known_hosts",
            "[127.0.0.1]:\(port) "
                + String(contentsOf: root.appending(path: "host.pub"), encoding: .utf8), in: root)
        try Self.write(
            "ssh",
            """
            #!/bin/sh
            exec /usr/bin/ssh -F none -i \(root.path)/user -o IdentitiesOnly=yes \
            -o UserKnownHostsFile=\(root.path)/known_hosts -o StrictHostKeyChecking=yes "$@"
            """, in: root)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: root.appending(path: "ssh").path)
        // Only a server of root needs it.
        try? FileManager.default.createDirectory(
            atPath: "/run/sshd", withIntermediateDirectories: true)
        try Self.write("log", "", in: root)
        process = try ChildProcess(
            #require(Program.path(of: "sshd")).path,
            ["-D", "-e", "-f", root.appending(path: "sshd_config").path], environment: [:],
            input: FileHandle(forReadingFrom: URL(fileURLWithPath: "/dev/null")),
            output: FileHandle(forWritingTo: URL(fileURLWithPath: "/dev/null")),
            errors: FileHandle(forWritingTo: root.appending(path: "log")))
        try wait {
            try Program.run("ssh-keyscan", ["-p", String(port), "127.0.0.1"], in: root)
                .output.contains("ssh-ed25519")
        }
    }

    deinit { stop() }

    func stop() {
        let text = try? String(contentsOf: folder.url.appending(path: "pid"), encoding: .utf8)
        guard !isStopped, let text, let number = Int32(text.dropLast()) else { return }
        isStopped = true
        kill(number, SIGTERM)
        _ = process.wait()
    }

    func address(_ registry: URL) -> String {
        "ssh://\(NSUserName())@127.0.0.1:\(port)\(registry.path)"
    }

    func lethe(_ arguments: [String], registry: URL, keys: URL) throws -> Program {
        try Program.run(
            Scene.lethe, arguments, in: folder.url,
            environment: [
                "LETHE_REGISTRY": registry.path, "LETHE_KEYS": keys.path,
                "LETHE_SSH": folder.url.appending(path: "ssh").path,
            ])
    }

    private static func write(_ name: String, _ text: String, in folder: URL) throws {
        try Data((text + "\n").utf8).write(to: folder.appending(path: name))
    }
}
