import Foundation
import LetheRecords
import TestSupport
import Testing

@testable import LetheStorage

@Suite("Failing at every step")
struct FailureTests {
    @Test("A version whose n-th step fails is there or is not, and the registry stays clean")
    func publish() throws {
        let template = try StorageFixture()
        let first = try safetensors([("a", 4, 1), ("b", 20_000, 2)])
        let second = try safetensors([("a", 4, 1), ("b", 20_000, 3), ("c", 30_000, 4)])
        let old = try template.publish(first, in: template.open())
        let line = try ReferenceName.model("faces")
        var actions: Set<StorageStep.Action> = []
        var number = 1
        while true {
            let fixture = try template.copy()
            let counter = StepCounter(failing: number)
            var made: CommitID?
            do {
                made = try fixture.publish(second, in: fixture.open(beforeStep: counter.hook))
            } catch let error as LetheError {
                #expect(error.code == .diskFull, "step \(number): \(error)")
            }
            actions.formUnion(counter.steps.map(\.action))
            let reopened = try fixture.open()
            let tip = try reopened.lineage.target(of: line)
            #expect(tip == made ?? old, "step \(number)")
            let report = StoreCheck(reopened).run()
            #expect(report.findings.isEmpty, "step \(number): \(report.findings)")
            let index = try fixture.index(reopened)
            #expect(try index.versions(of: line).map(\.number) == (made == nil ? [1] : [1, 2]))
            // What failed can simply be tried again.
            if made == nil, number % 4 == 1 { try fixture.publish(second, in: reopened) }
            if !counter.hasFailed { break }
            number += 1
        }
        #expect(number > 20)
        let expected: Set<StorageStep.Action> = [
            .createFolder, .createFile, .writeBytes, .syncFile, .syncFileSystem, .rename,
            .syncFolder, .lock, .moveReference, .updateIndex,
        ]
        #expect(actions.isSuperset(of: expected))
    }

    @Test("A registry whose creation fails at the n-th step is not there at all")
    func create() throws {
        var number = 1
        while true {
            let folder = try TemporaryFolder()
            let root = folder.url.appending(path: "registry")
            let counter = StepCounter(failing: number)
            do {
                try RegistryStorage.create(at: root, beforeStep: counter.hook) {
                    (layout, files) throws(LetheError) in
                    try files.replaceFile(layout.description, with: Array("{}".utf8))
                }
            } catch {
                // The last step syncs the folder around a registry that is complete by then.
                let isThere = FileManager.default.fileExists(atPath: root.path)
                #expect(
                    isThere
                        == (counter.steps.last?.action == .syncFolder
                            && counter.steps.last?.subject == folder.url.path))
                if !isThere {
                    #expect(
                        try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
                            .isEmpty)
                }
            }
            if !counter.hasFailed {
                #expect(StoreCheck(try RegistryStorage(opening: root)).run().findings.isEmpty)
                break
            }
            number += 1
        }
        #expect(number > 10)
    }

    @Test("A small file whose replacement fails at the n-th step keeps its old or new bytes")
    func replaceFile() throws {
        var number = 1
        while true {
            let folder = try TemporaryFolder()
            let url = folder.url.appending(path: "registry.json")
            try Data("old".utf8).write(to: url)
            let counter = StepCounter(failing: number)
            try? StoreFiles(beforeStep: counter.hook).replaceFile(url, with: Array("new".utf8))
            let text = String(decoding: try Data(contentsOf: url), as: UTF8.self)
            #expect(["old", "new"].contains(text))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).count == 1)
            if !counter.hasFailed {
                #expect(text == "new")
                break
            }
            number += 1
        }
        #expect(number == 6)
    }

    @Test("A writer that loses the race keeps its objects for another try")
    func lostRace() throws {
        let fixture = try StorageFixture()
        let storage = try fixture.open()
        let first = try fixture.publish(safetensors([("a", 4, 1)]), in: storage)
        try fixture.publish(safetensors([("a", 4, 2)]), in: storage, from: first)
        let late = try safetensors([("a", 4, 3)])
        let error = #expect(throws: LetheError.self) {
            try fixture.publish(late, in: storage, from: first)
        }
        #expect(error?.code == .conflict)
        let report = StoreCheck(storage).run()
        #expect(report.isClean && report.orphanCount == 2)
        try fixture.publish(late, in: storage)
        #expect(StoreCheck(storage).run().orphanCount == 0)
    }
}
