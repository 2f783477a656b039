internal import CFuzzer
internal import Foundation
internal import LetheRecords

/// `lethe-fuzz list`, `lethe-fuzz describe TARGET`, or `lethe-fuzz TARGET` and what libFuzzer takes.
enum Program {
    /// The target of this process.
    static let target = Target.all.first { $0.name == CommandLine.arguments.dropFirst().first }

    static func main() -> CInt {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.first == "list" {
            for target in Target.all { print(target.name) }
            return 0
        }
        if arguments.first == "describe", let name = arguments.dropFirst().first,
            let target = Target.all.first(where: { $0.name == name })
        {
            print(target.longestInputBytes)
            for seed in target.seeds { print(seed) }
            return 0
        }
        guard target != nil else {
            FileHandle.standardError.write(Data("usage: lethe-fuzz list | TARGET [FLAG…]\n".utf8))
            return 2
        }
        return runFuzzer(["lethe-fuzz"] + arguments.dropFirst())
    }

    private static func runFuzzer(_ arguments: [String]) -> CInt {
        var pointers = unsafe arguments.map { unsafe strdup($0) } + [nil]
        var count = CInt(arguments.count)
        return unsafe pointers.withUnsafeMutableBufferPointer { buffer in
            var start = buffer.baseAddress
            return unsafe LLVMFuzzerRunDriver(&count, &start) { data, size in
                unsafe Program.check(Array(UnsafeBufferPointer(start: data, count: size)))
                return 0
            }
        }
    }

    private static func check(_ input: [UInt8]) {
        do {
            try target?.check(input)
        } catch is LetheError {
            // Refused with a reason, as it should be.
        } catch {
            fatalError("Something other than a LetheError was thrown: \(error)")
        }
    }
}

exit(Program.main())
