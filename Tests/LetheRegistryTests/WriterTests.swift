import Foundation
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

@Suite("Two writers")
struct TwoWriterTests {
    let tiny: TinyRegistry

    init() async throws {
        tiny = try TinyRegistry()
        let registry = try tiny.open()
        try await tiny.publish(in: registry)
        try await tiny.addDataset(in: registry)
    }

    @Test("A run that another writer overtakes is a conflict; nothing is lost; it works again")
    func overtaken() async throws {
        let tiny = tiny
        let engine = FakeEngine { () async throws(LetheError) in
            try await tiny.publish(tiny.otherModelFolder, in: tiny.open())
        }
        let registry = try tiny.open()
        let error = await expect(.conflict) {
            try await tiny.forget([1], engine: engine, in: registry)
        }
        #expect(error?.code.exitCode == 6)
        #expect(try registry.log("faces").map(\.operation) == ["publish", "publish"])
        #expect(try tiny.check(registry).isClean)
        #expect(try await tiny.forget([1], in: registry).name == "faces@v3")
        #expect(try tiny.check(registry).findings.isEmpty)
    }

    @Test("A version that changes while it is judged is not certified")
    func judgedMeanwhile() async throws {
        let tiny = tiny
        let registry = try tiny.open()
        try await tiny.forget([1], in: registry)
        let judge = FakeJudge { () async throws(LetheError) in
            try await tiny.forget([2], in: tiny.open())
        }
        await expect(.conflict) { try await tiny.certify(judge: judge, in: registry) }
        #expect(try registry.tip(of: "faces")?.manifest.operation == .forget)
        #expect(try await tiny.certify(in: registry).certified?.name == "faces@v4")
        #expect(try tiny.check(registry).findings.isEmpty)
    }

    @Test("Of two processes that start together, each succeeds or is told of a conflict")
    func processes() async throws {
        let worker = Locations.products.appending(path: "lethe-crash-worker")
        var conflicts = 0
        for round in 1...6 {
            let copy = try tiny.copy()
            let operations = [TinyOperation.publish, .forget]
            let answers = try await withThrowingTaskGroup(of: Program.self) { group in
                for operation in operations {
                    group.addTask {
                        try Program.run(
                            worker,
                            [
                                operation.rawValue, copy.root.path, copy.outside.path, "slow",
                                "\(round)",
                            ],
                            in: copy.root.deletingLastPathComponent())
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let registry = try copy.open()
            let won = answers.filter { $0.status == 0 }.count
            #expect(won >= 1)
            for answer in answers where answer.status != 0 {
                #expect(answer.status == 6, "\(answer.output)\(answer.errors)")
                conflicts += 1
            }
            #expect(try registry.versions(of: "faces").count == 1 + won)
            let report = try copy.check(registry)
            #expect(report.isClean, "\(report.findings)")
        }
        print("two processes: \(conflicts) conflicts in 6 rounds")
    }

    @Test("Writers of different lines do not disturb each other")
    func lines() async throws {
        let tiny = tiny
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...6 {
                group.addTask { try await tiny.publish(as: "model-\(number)", in: tiny.open()) }
            }
            try await group.waitForAll()
        }
        let registry = try tiny.open()
        #expect(try registry.models().count == 7)
        #expect(try tiny.check(registry).findings.isEmpty)
    }
}

@Suite("A disk that is full or read-only")
struct DiskTests {
    /// Root ignores the modes of files, so only mounts are a fair test.
    private static let canMount: Bool = {
        guard Program.has("mount", "umount"), let folder = try? TemporaryFolder(),
            let mount = try? Mount(["-t", "tmpfs", "-o", "size=64k", "tmpfs"], at: folder.url)
        else { return false }
        mount.end()
        return true
    }()

    @Test(
        "However little room is left, a version is there or the disk is full and all is as before",
        .enabled(if: canMount, "needs the right to mount a small tmpfs"),
        arguments: [TinyOperation.publish, .forget, .certify])
    func full(_ operation: TinyOperation) async throws {
        let template = try await operation.prepare()
        let folder = try TemporaryFolder()
        let mount = try Mount(["-t", "tmpfs", "-o", "size=4m", "tmpfs"], at: folder.url)
        defer { mount.end() }
        let root = folder.url.appending(path: "registry")
        let tiny = TinyRegistry(root: root, outside: template.outside)
        var failures = 0
        for pages in 0... {
            try? FileManager.default.removeItem(at: root)
            try FileManager.default.copyItem(at: template.root, to: root)
            // Opening comes first: it gives back what the index's log took.
            var registry = try tiny.open()
            let filler = try Filler(folder.url.appending(path: "filler"), leaving: pages)
            var thrown: LetheError?
            do throws(LetheError) {
                try await operation.run(on: tiny, in: registry)
            } catch {
                thrown = error
            }
            filler.remove()
            registry = try tiny.open()
            let report = try tiny.check(registry)
            #expect(report.isClean, "\(pages) pages: \(report.findings)")
            #expect(try operation.doneCount(in: registry) == (thrown == nil ? 1 : 0))
            guard let thrown else { break }
            #expect(thrown.code == .diskFull, "\(pages) pages: \(thrown)")
            failures += 1
        }
        #expect(failures > 5)
        print("\(operation): \(failures) times too little room")
    }

    @Test(
        "A registry on a full disk can be opened, checked and pulled from",
        .enabled(if: canMount, "needs the right to mount a small tmpfs"))
    func readFull() async throws {
        let template = try await TinyOperation.certify.prepare()
        try await template.certify(in: template.open())
        let folder = try TemporaryFolder()
        let mount = try Mount(["-t", "tmpfs", "-o", "size=4m", "tmpfs"], at: folder.url)
        defer { mount.end() }
        let tiny = TinyRegistry(
            root: folder.url.appending(path: "registry"), outside: template.outside)
        try FileManager.default.copyItem(at: template.root, to: tiny.root)
        _ = try Filler(folder.url.appending(path: "filler"), leaving: 0)
        let registry = try tiny.open()
        _ = try Filler(folder.url.appending(path: "second-filler"), leaving: 0)
        #expect(try registry.log("faces").count == 3)
        #expect(try tiny.check(registry).findings.isEmpty)
        _ = try registry.pull(
            Revision("faces"), to: template.folder("pulled"), allowingUncertified: false,
            progress: { _ in })
        let error = await expect(.diskFull) {
            _ = try registry.pull(
                Revision("faces"), to: tiny.folder("pulled"), allowingUncertified: false,
                progress: { _ in })
        }
        #expect(error?.message.contains("disk is full") == true)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
                == ["filler", "registry", "second-filler"])
    }

    @Test(
        "A read-only registry can be read and pulled from; every change is refused",
        .enabled(if: canMount, "needs the right to make a read-only mount"))
    func readOnly() async throws {
        let tiny = try await TinyOperation.certify.prepare()
        try await tiny.certify(in: tiny.open())
        let mount = try Mount(readOnly: tiny.root)
        defer { mount.end() }
        let registry = try tiny.open()
        #expect(try registry.log("faces").count == 3)
        #expect(try tiny.check(registry).findings.isEmpty)
        _ = try registry.pull(
            Revision("faces"), to: tiny.folder("pulled"), allowingUncertified: false,
            progress: { _ in })
        let changes: [() async throws -> Void] = [
            { try await tiny.publish(tiny.otherModelFolder, in: registry) },
            { try await tiny.addDataset(named: "other", in: registry) },
            { try await tiny.forget([2], in: registry) },
            { try await tiny.certify(in: registry) },
            { _ = try registry.reindex() },
        ]
        for change in changes {
            let error = await expect(.io, from: change)
            #expect(error?.message.contains("read-only") == true)
        }
    }
}

/// A mount(8) that lasts until it is ended.
private struct Mount {
    private let target: URL

    init(_ arguments: [String], at target: URL) throws {
        self.target = target
        let parent = target.deletingLastPathComponent()
        let answer = try Program.run("mount", arguments + [target.path], in: parent)
        guard answer.status == 0 else { throw CocoaError(.fileWriteNoPermission) }
    }

    init(readOnly folder: URL) throws {
        try self.init(["--bind", folder.path], at: folder)
        do {
            _ = try Mount(["-o", "remount,ro,bind"], at: folder)
        } catch {
            end()
            throw error
        }
    }

    func end() {
        _ = try? Program.run("umount", [target.path], in: target.deletingLastPathComponent())
    }
}

/// A file that takes all the room of a file system but some pages.
private struct Filler {
    private let url: URL

    init(_ url: URL, leaving pages: Int) throws {
        self.url = url
        try Data().write(to: url)
        let file = try FileHandle(forWritingTo: url)
        let page = Data(repeating: 1, count: 4096)
        while (try? file.write(contentsOf: page)) != nil {}
        let sizeBytes = try file.seekToEnd()
        try file.truncate(atOffset: sizeBytes - min(sizeBytes, UInt64(pages) * 4096))
        try file.close()
    }

    func remove() {
        try? FileManager.default.removeItem(at: url)
    }
}
