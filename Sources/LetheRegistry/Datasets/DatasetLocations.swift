internal import Foundation
public import LetheRecords
internal import LetheStorage

/// Where this machine keeps the samples of each dataset: `locations.json`.
///
/// It is no part of the lineage: samples stay outside the registry.
struct DatasetLocations: Record {
    static let schemaName = "lethe.locations.v1"
    var schema = schemaName
    var datasets: [String: Place]

    struct Place: Codable, Sendable, Equatable {
        var path: String
        var format: String
    }
}

extension Registry {
    private var locationsFile: URL { storage.layout.root.appending(path: "locations.json") }

    /// Where the samples of a dataset are on this machine.
    ///
    /// - Throws: `notFound` if nobody said.
    public func location(of dataset: String) throws(LetheError) -> DatasetLocation {
        guard let place = try locations().datasets[dataset] else {
            throw LetheError(
                code: .notFound,
                message: "This machine does not know where the samples of \"\(dataset)\" are.",
                remedy: "Say where with lethe dataset add \(dataset) <path>.")
        }
        return DatasetLocation(url: URL(fileURLWithPath: place.path), format: place.format)
    }

    func setLocation(_ location: DatasetLocation, of dataset: String) throws(LetheError) {
        try storage.exclusively("locations") { () throws(LetheError) in
            var book = try locations()
            book.datasets[dataset] = DatasetLocations.Place(
                path: location.url.path, format: location.format ?? "")
            try storage.files.replaceFile(locationsFile, with: book.canonicalBytes())
        }
    }

    private func locations() throws(LetheError) -> DatasetLocations {
        guard FileManager.default.fileExists(atPath: locationsFile.path) else {
            return DatasetLocations(datasets: [:])
        }
        return try DatasetLocations.read(canonical: storage.files.readFile(locationsFile))
    }
}
