public import Foundation

/// Where the package, its fixtures and the shared data lie.
public enum Locations {
    /// The folder that holds Package.swift.
    public static let package = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The folder of the built programs, beside which the tests were linked.
    public static let products = URL(fileURLWithPath: "/proc/self/exe")
        .resolvingSymlinksInPath().deletingLastPathComponent()

    /// Golden files and hostile inputs, made by the scripts beside them.
    public static let fixtures = package.appending(path: "Tests/Fixtures")

    /// Real weights and images beside the checkout; absent on some machines.
    public static let sharedData = package.deletingLastPathComponent()
        .appending(path: "shared/data")

    /// Whether `sharedData` exists; tests that need it skip with `sharedDataReason` otherwise.
    public static let hasSharedData = FileManager.default.fileExists(atPath: sharedData.path)

    /// What a skipped test says.
    public static let sharedDataReason = "needs ../shared/data (real weights and images)"

    /// EfficientNet-Lite0 as scripts/get-efficientnet-lite makes it; absent on most machines.
    public static let efficientNetLite = package.appending(path: ".models/efficientnet-lite0")

    /// Whether `efficientNetLite` exists.
    public static let hasEfficientNetLite = FileManager.default.fileExists(
        atPath: efficientNetLite.path)

    /// Fashion-MNIST as Debian's dataset-fashion-mnist installs it.
    public static let fashionMNIST = URL(fileURLWithPath: "/usr/share/datasets/fashion-mnist")

    /// Whether Fashion-MNIST is installed.
    public static let hasFashionMNIST = FileManager.default.fileExists(atPath: fashionMNIST.path)
}
