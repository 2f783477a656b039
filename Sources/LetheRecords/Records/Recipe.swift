/// The hyper-parameters of a method, as a file of `registry/recipes/`.
public struct Recipe: Record {
    /// The schema's name.
    public static let schemaName = "lethe.recipe.v1"
    /// The schema's name, as written.
    public var schema = schemaName
    /// The recipe's name: its file name without `.json`.
    public var name: String
    /// The method that reads the parameters: `gs-lora`, `train`.
    public var method: String
    /// What it is for and where its numbers come from.
    public var description: String
    /// The method's own parameters; the method refuses names that it does not know.
    public var parameters: JSONValue

    /// Makes a recipe.
    public init(name: String, method: String, description: String, parameters: JSONValue) {
        self.name = name
        self.method = method
        self.description = description
        self.parameters = parameters
    }
}
