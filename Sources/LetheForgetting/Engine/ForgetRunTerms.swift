import LetheRecords
import LetheTensor
import LetheVision

// What a forget run puts together only where its recipe asks for it.
extension ForgetRun {
    /// The terms on features, with the prototypes of the model as it stands; nil if all are off.
    func featureTerms(
        _ model: any ImageClassifier, _ parameters: GSLoRAParameters, _ roles: ClassRoles,
        _ pools: ForgetPools
    ) throws(LetheError) -> FeatureTerms? {
        guard parameters.features.isUsed else { return nil }
        var features: [Tensor] = []
        for pool in [pools.forget, pools.retain] {
            progress(Progress(phase: "measuring prototypes", done: 0, total: pool.count))
            features.append(
                try pool.map(
                    batchSize: parameters.goal.evaluationBatchSize, cancellation: cancellation,
                    model.features))
        }
        let prototypes = try ClassPrototypes(
            features: Tensor.concatenated(features),
            labels: pools.forget.labels + pools.retain.labels, classCount: model.classCount)
        return try FeatureTerms(
            parameters.features, prototypes: prototypes, roles: roles,
            dispersion: parameters.features.dispersionWeight > 0
                ? try FeatureDispersion(retained: features[1]) : nil)
    }

    /// Edits the start of the last update, where the recipe asks for it.
    ///
    /// - Returns: How many classes were edited; nil where none was to be.
    func edit(
        _ adapters: LowRankAdapters, _ model: any ImageClassifier, _ parameters: GSLoRAParameters,
        _ roles: ClassRoles, _ pools: ForgetPools
    ) throws(LetheError) -> Int? {
        guard parameters.start.form == .closedForm else { return nil }
        progress(Progress(phase: "editing in closed form", done: 0, total: 1))
        return try ClosedFormStart(
            model: model, adapters: adapters, roles: roles,
            batchSize: parameters.goal.evaluationBatchSize, margin: parameters.start.margin,
            ridge: parameters.start.ridge
        ).apply(forget: pools.forget, retain: pools.retain)
    }

    /// The step that makes groups exactly zero, where the recipe asks for it.
    func proximal(
        _ adapters: LowRankAdapters, _ parameters: GSLoRAParameters
    ) -> ProximalGroupStep? {
        guard parameters.losses.groupLasso == .proximal else { return nil }
        return ProximalGroupStep(
            groups: adapters.groups(.proximal), weight: parameters.losses.groupLassoWeight,
            rateFactors: adapters.rateFactors(blockDecay: parameters.optimization.blockDecay))
    }
}
