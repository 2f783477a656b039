import Foundation
import Glibc
import LetheRecords
import LetheStorage
import TestSupport
import Testing

@Suite("Programs that are started")
struct ChildProcessTests {
    private let temporary: TemporaryFolder

    init() throws { temporary = try TemporaryFolder() }

    @Test("The end of one is seen while another, which has closed all its files, goes on")
    func two() throws {
        // ssh closes what it does not know when it starts; Foundation takes that for its end, and
        // waits for it where it should hear of the ends of all others.
        let (input, output) = (Pipe(), Pipe())
        let first = try start(
            "for number in 3 4 5 6 7 8 9; do eval \"exec $number>&-\"; done; read line; exit 3",
            input.fileHandleForReading, output.fileHandleForWriting)
        let second = try start("exit 7", .standardInput, output.fileHandleForWriting)
        #expect(second.wait() == 7)
        input.fileHandleForWriting.write(Data("go\n".utf8))
        #expect(first.wait() == 3 && first.wait() == 3)
    }

    @Test("It gets the files and the environment that it is given, and is ended by SIGPIPE")
    func surroundings() throws {
        let file = temporary.url.appending(path: "said")
        try Data().write(to: file)
        signal(SIGPIPE, SIG_IGN)
        let child = try start(
            "grep SigIgn /proc/self/status; echo $GIVEN; kill -TERM $$", .standardInput,
            FileHandle(forWritingTo: file), ["GIVEN": "yes", "PATH": "/usr/bin:/bin"])
        #expect(child.wait() == 128 + 15)
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 2 && lines.last == "yes")
        let ignored = try #require(
            lines.first?.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) })
        #expect(ignored & 1 << (UInt64(SIGPIPE) - 1) == 0)
    }

    @Test("One that is not there is an error that names it")
    func missing() {
        #expect(throws: LetheError.self) {
            try ChildProcess(
                "no-such-program", [], environment: [:], input: .standardInput,
                output: .standardOutput, errors: .standardError)
        }
    }

    private func start(
        _ script: String, _ input: FileHandle, _ output: FileHandle,
        _ environment: [String: String] = [:]
    ) throws -> ChildProcess {
        try ChildProcess(
            "sh", ["-c", script], environment: environment, input: input, output: output,
            errors: .standardError)
    }
}
