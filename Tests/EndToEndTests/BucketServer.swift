import Foundation
import Glibc
import LetheRecords
import TestSupport
import Testing

/// SeaweedFS of this machine with one bucket, on ports of the loopback (scripts/s3-server), and a
/// bare git repository beside it.
final class BucketServer {
    static let bucket = "models"
    private static let key = "lethe-key"
    static let secret = "lethe-secret-4711"

    let folder: TemporaryFolder
    private let process = Process()
    private let store: Int
    private let filer: Int

    /// The git repository of the lineage.
    var lineage: String { folder.url.appending(path: "lineage.git").path }
    /// A registry in the bucket.
    var address: String { "s3://\(Self.bucket)/team" }

    init() throws {
        folder = try TemporaryFolder()
        let root = folder.url
        let git = try Program.run("git", ["init", "--quiet", "--bare", "lineage.git"], in: root)
        try #require(git.status == 0, "\(git.errors)")
        let ports = try (0..<8).map { _ in try LoopbackPort.free() }
        (store, filer) = (ports[0], ports[1])
        let identity = """
            {"identities":[{"name":"lethe","credentials":[{"accessKey":"\(Self.key)",
            "secretKey":"\(Self.secret)"}],"actions":["Admin","Read","Write","List"]}]}
            """
        try Data(identity.utf8).write(to: root.appending(path: "s3.json"))
        try FileManager.default.createDirectory(
            at: root.appending(path: "data"), withIntermediateDirectories: false)
        process.executableURL = PythonClients.bucketServer
        process.arguments =
            ["server", "-dir=\(root.path)/data", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer"]
            + ["-s3", "-s3.config=\(root.path)/s3.json", "-master.volumeSizeLimitMB=64"]
            + ["-volume.max=50"]
            + zip(
                [
                    "s3.port", "filer.port", "master.port", "volume.port", "s3.port.grpc",
                    "filer.port.grpc", "master.port.grpc", "volume.port.grpc",
                ], ports
            ).map { "-\($0)=\($1)" }
        process.currentDirectoryURL = root
        try Data().write(to: root.appending(path: "log"))
        let log = try FileHandle(forWritingTo: root.appending(path: "log"))
        process.standardOutput = log
        process.standardError = log
        try process.run()
        // A bucket is a folder of its own file system.
        let bucket = place("") + "/"
        try wait {
            _ = try Program.run("curl", ["-s", "-m", "20", "-X", "POST", bucket], in: root)
            return try Program.run("curl", ["-sf", "-m", "20", bucket], in: root).status == 0
        }
        try wait {
            try Program.run("curl", ["-s", "http://127.0.0.1:\(store)/\(Self.bucket)"], in: root)
                .output.contains("<Error>")
        }
    }

    deinit { stop() }

    func stop() {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// What a command needs to be told to reach the bucket.
    func environment(secret: String = secret, registry: URL, keys: URL) -> [String: String] {
        [
            "LETHE_REGISTRY": registry.path, "LETHE_KEYS": keys.path,
            "AWS_ACCESS_KEY_ID": Self.key, "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_ENDPOINT_URL": "http://127.0.0.1:\(store)", "HOME": folder.url.path,
            "PATH": "/usr/bin:/bin",
        ]
    }

    func lethe(
        _ arguments: [String], registry: URL, keys: URL, secret: String = secret
    ) throws -> Program {
        try Program.run(
            Scene.lethe, arguments, in: folder.url,
            environment: environment(secret: secret, registry: registry, keys: keys))
    }

    /// The files of the bucket below a path, as the server's own file system shows them.
    func files(below path: String = "") throws -> [String] {
        let listed = try Program.run(
            "curl",
            ["-s", "-H", "Accept: application/json", "\(place(path))/?limit=10000"],
            in: folder.url)
        // It has numbers that are not exact in JavaScript, which LetheRecords refuses.
        let value = try? JSONSerialization.jsonObject(with: Data(listed.output.utf8))
        let entries = (value as? [String: Any])?["Entries"] as? [[String: Any]] ?? []
        return try entries.flatMap { entry -> [String] in
            let name = (entry["FullPath"] as? String ?? "").split(separator: "/").last ?? ""
            let isFolder = (entry["Mode"] as? Int ?? 0) & (1 << 31) != 0
            let inner = path.isEmpty ? String(name) : "\(path)/\(name)"
            return isFolder ? try files(below: inner) : [inner]
        }
    }

    /// Has the bucket keep every version of what is under a key.
    func keepVersions() throws {
        let order =
            "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
        let answer = try ask("PUT", "versioning", body: order)
        try #require(!answer.contains("<Error>"), "\(answer)")
    }

    /// Everything that the bucket keeps, hidden or not, as S3 lists it.
    func versions() throws -> String { try ask("GET", "versions", body: "") }

    private func ask(_ method: String, _ query: String, body: String) throws -> String {
        try Program.run(
            "curl",
            [
                "-s", "-X", method, "--aws-sigv4", "aws:amz:us-east-1:s3", "--user",
                "\(Self.key):\(Self.secret)", "-H",
                "x-amz-content-sha256: \(Digest(hashing: Array(body.utf8)).hex)",
            ] + (body.isEmpty ? [] : ["--data-binary", body])
                + ["http://127.0.0.1:\(store)/\(Self.bucket)?\(query)="], in: folder.url
        ).output
    }

    /// Changes one bit of a file of the bucket behind the back of S3.
    func flip(_ path: String) throws {
        let file = folder.url.appending(path: "flipped")
        let got = try Program.run("curl", ["-sf", "-o", file.path, place(path)], in: folder.url)
        try #require(got.status == 0)
        var bytes = try Data(contentsOf: file)
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: file)
        let put = try Program.run(
            "curl", ["-sf", "-F", "file=@\(file.path)", place(path)], in: folder.url)
        try #require(put.status == 0, "\(put.errors)")
    }

    private func place(_ path: String) -> String {
        "http://127.0.0.1:\(filer)/buckets/\(Self.bucket)" + (path.isEmpty ? "" : "/\(path)")
    }
}
