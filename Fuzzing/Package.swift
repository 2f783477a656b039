// swift-tools-version: 6.2
// The parsers of Lethe under libFuzzer and the address sanitizer; built in release mode, run by
// scripts/fuzz. The folders in Sources are links into the package above, which knows nothing of
// this one. Only files that need neither LibTorch nor a database are taken.

import PackageDescription

/// `fuzzer,address`, or `fuzzer` alone for long campaigns (docs/TESTING.md), set by scripts/fuzz.
let sanitizers = Context.environment["LETHE_FUZZ_SANITIZERS"] ?? "fuzzer,address"

/// Coverage for libFuzzer and the sanitizers; testability opens what no module shows.
///
/// In our modules alone: the libraries below them are as they are shipped. Traps stay in all.
let fuzzed = ["-sanitize=\(sanitizers)", "-enable-testing"]

/// The same for C, whose program has a `main` of its own.
let fuzzedC = sanitizers.replacing("fuzzer", with: "fuzzer-no-link")

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .unsafeFlags(fuzzed),
]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")

/// A module of the package above; `files` are the ones it takes, by folder, or nil for all.
func module(
    _ name: String, _ dependencies: [Target.Dependency], _ files: [String: [String]]? = nil
) -> Target {
    .target(
        name: name, dependencies: dependencies,
        sources: files.map { folders in
            folders.sorted { $0.key < $1.key }.flatMap { folder, names in
                names.map { "\(folder)/\($0).swift" }
            }
        }, swiftSettings: settings)
}

let package = Package(
    name: "lethe-fuzzing",
    dependencies: [.package(url: "https://github.com/apple/swift-crypto", from: "4.5.0")],
    targets: [
        .systemLibrary(
            name: "CGit2", pkgConfig: "libgit2", providers: [.apt(["libgit2-dev", "zlib1g-dev"])]),
        .target(
            name: "CImageCodecs",
            cSettings: [.unsafeFlags(["-fsanitize=\(fuzzedC)"])],
            linkerSettings: [.linkedLibrary("jpeg"), .linkedLibrary("png"), .linkedLibrary("z")]),
        .target(name: "CFuzzer"),
        module("LetheRecords", [crypto]),
        module("LetheCertificates", ["LetheRecords", crypto]),
        module(
            "LetheStorage", ["LetheRecords", "CGit2"],
            [
                "Files": ["FileDescriptor", "SystemError"],
                "Lineage": [
                    "CommitID", "GitError", "GitObject", "LargeFilePointer", "LooseObject",
                    "ReferenceName",
                    "TreePath",
                ],
                "Merging": [
                    "DeltaMerge", "LowRankDelta", "MergeStream", "SafetensorsReading",
                    "WeightFormat",
                ],
                "Objects": [
                    "AssemblyRecipe", "DerivationRecipe", "FileRecipe", "SegmentPlan", "StoredFile",
                ],
                "Sealing": ["EncryptedForm"],
            ]),
        module(
            "LetheRegistry", ["LetheRecords"],
            ["Models": ["ShardIndex"], "Versions": ["RevisionName"]]),
        module(
            "LetheVision", ["LetheRecords", "CImageCodecs"],
            [
                "Architectures": ["ConfigurationMembers"],
                "Architectures/EfficientNetLite": ["EfficientNetLiteConfiguration"],
                "Architectures/FaceTransformer": ["FaceTransformerConfiguration"],
                "Architectures/ResNet": ["ResNetConfiguration", "ResNetConfigurationReading"],
                "Architectures/VisionTransformer": [
                    "HuggingFaceConfiguration", "TimmConfiguration",
                    "VisionTransformerConfiguration",
                ],
                "Datasets": [
                    "CIFARReader", "ClassNames", "DatasetFormat", "DirectoryListing", "FileReading",
                    "FolderReader", "IDXReader", "ImageDataset", "Sample", "TarArchive",
                    "TarReader",
                ],
                "Images": [
                    "ConfigurationFile", "DecodedImage", "HuggingFacePreprocessing", "ImageCodec",
                    "ImageResizing",
                    "PreprocessingConfiguration", "ResamplingFilter", "TimmPreprocessing",
                ],
            ]),
        .executableTarget(
            name: "lethe-fuzz",
            dependencies: [
                "CFuzzer", "CGit2", "LetheRecords", "LetheCertificates", "LetheStorage",
                "LetheRegistry", "LetheVision",
            ], swiftSettings: settings,
            linkerSettings: [.unsafeFlags(["-sanitize=\(sanitizers)", "-use-ld=lld"])]
        ),
    ]
)
