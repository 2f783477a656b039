import Foundation
import Glibc
import LetheRecords
import LetheRegistry
import TestSupport
import Testing

/// `lethe serve` on a port of its own, beside the test.
final class Served {
    static let lethe = Locations.products.appending(path: "lethe")

    let port: Int
    private let scheme: String
    private let process = Process()
    private let log: URL

    var url: String { "\(scheme)://127.0.0.1:\(port)" }

    convenience init(_ tiny: TinyRegistry, _ arguments: String...) throws {
        try self.init(tiny, with: arguments)
    }

    init(_ tiny: TinyRegistry, with arguments: [String]) throws {
        log = tiny.outside.appending(path: "log-\(UUID().uuidString)")
        try Data().write(to: log)
        process.executableURL = Self.lethe
        process.arguments =
            ["serve", "--port", "0", "--registry", tiny.root.path, "--json"] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: log)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var said = Data()
        var found: Int?
        while found == nil {
            let more = output.fileHandleForReading.availableData
            try #require(
                !more.isEmpty,
                "\(String(decoding: (try? Data(contentsOf: log)) ?? Data(), as: UTF8.self))")
            said += more
            found = (try? StrictJSON.parse(Array(said)))?["port"]?.integerValue
        }
        port = try #require(found)
        scheme = arguments.contains("--tls-certificate") ? "https" : "http"
    }

    deinit { end() }

    /// Tells it to stop, and waits.
    @discardableResult
    func end() -> Int32 {
        if process.isRunning { process.terminate() }
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Kills it, as a power cut does.
    func kill() {
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Tells it to stop, and does not wait.
    func terminate() { process.terminate() }

    /// Everything that it logged.
    func logged() throws -> String { try String(contentsOf: log, encoding: .utf8) }

    /// The lines of its log that contain something.
    func entries(with text: String) throws -> [Substring] {
        try logged().split(separator: "\n").filter { $0.contains(text) }
    }

    /// Runs curl; its answer is the status, the head and the body.
    func curl(_ path: String, _ arguments: String...) throws -> Answer {
        try curl(path, with: arguments)
    }

    func curl(_ path: String, with arguments: [String]) throws -> Answer {
        let folder = try TemporaryFolder()
        let program = try Program.run(
            "curl",
            ["-s", "--path-as-is", "-m", "20", "-D", "head", "-o", "body", "-w", "%{http_code}"]
                + arguments + [url + path], in: folder.url)
        let head = try? String(contentsOf: folder.url.appending(path: "head"), encoding: .utf8)
        let body = try? Data(contentsOf: folder.url.appending(path: "body"))
        return Answer(
            exit: program.status, status: Int(program.output) ?? 0,
            head: (head ?? "").lowercased(), body: body ?? Data())
    }
}

/// What curl got.
struct Answer {
    let exit: Int32
    let status: Int
    let head: String
    let body: Data
}

/// A connection on which a test may say anything.
struct RawConnection: ~Copyable {
    private let handle: Int32

    init(_ port: Int) throws {
        handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        _ = unsafe setsockopt(
            handle, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let code = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(handle, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(code == 0)
    }

    deinit { close(handle) }

    /// Says something; false once nobody listens.
    @discardableResult
    func say(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return unsafe send(handle, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// At most so many bytes of what is there; none at the end.
    func hear(_ count: Int = 1 << 16) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = unsafe recv(handle, &bytes, count, 0)
        return Array(bytes.prefix(max(0, got)))
    }

    /// Everything until the server ends the connection.
    func hearAll() -> String {
        var all: [UInt8] = []
        while case let more = hear(), !more.isEmpty { all += more }
        return String(decoding: all, as: UTF8.self)
    }
}

extension TinyRegistry {
    /// A registry with `faces@v3`, which is certified, and `faces@v1` and `@v2`, which it revokes.
    static func certified(encrypting: Bool = false) async throws -> TinyRegistry {
        let tiny = try TinyRegistry(encrypting: encrypting)
        let registry = try tiny.open()
        try await tiny.publish(in: registry)
        try await tiny.addDataset(in: registry)
        try await tiny.forget([1], in: registry)
        try await tiny.certify(in: registry)
        return tiny
    }

    /// A token that may read.
    func token(
        _ name: String = "reader", scopes: [AccessScope] = [.read], models: [String]? = nil
    ) throws -> String {
        try open().addToken(named: name, scopes: scopes, models: models, now: Self.now)
    }
}
