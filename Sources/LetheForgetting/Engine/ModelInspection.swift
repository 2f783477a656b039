import Foundation
import LetheRecords
import LetheTensor
import LetheVision

/// Describes a model folder.
enum ModelInspection {
    /// Reads configuration and headers; a model that loads is one that runs.
    static func describe(_ folder: URL) throws(LetheError) -> ModelDescription {
        _ = try ImagePreprocessor(folder: folder)
        return try ClassifierLoading.inspect(folder: folder)
    }
}
