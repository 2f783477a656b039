import Foundation
import TestSupport
import Testing

@Suite("Where the words go")
struct OutputTests {
    @Test("An answer that cannot be written is an error; words that cannot be written are lost")
    func full() throws {
        let scene = try Scene()
        try scene.prepare()
        func shell(_ command: String) throws -> Program {
            try Program.run(
                URL(fileURLWithPath: "/bin/sh"), ["-c", "\(Scene.lethe.path) \(command)"],
                in: scene.temporary.url,
                environment: ["LETHE_REGISTRY": scene.root.path, "LETHE_KEYS": scene.keys.path])
        }
        let lost = try shell("log tiny > /dev/full")
        #expect(lost.status == 1)
        #expect(lost.errors.contains("could not be written"), "\(lost.errors)")
        // A shell gives 128 and more for a signal.
        #expect(try shell("log nobody 2> /dev/full").status == 1)
        #expect(try shell("fsck > /dev/null 2> /dev/full").status == 0)
        #expect(try shell("log tiny | head -c 0").status == 0)
    }
}
