import CTorchShim
import LetheRecords

func stepAdamW(
    _ parameters: [Tensor], means: [Tensor], variances: [Tensor], steps: [Tensor],
    _ options: LetheAdamWOptions
) throws(LetheError) {
    var options = options
    let lists = unsafe (
        parameters.handles, means.handles, variances.handles, steps.handles
    )
    try unsafe check {
        unsafe lethe_adamw_step(
            lists.0, lists.1, lists.2, lists.3, parameters.count, &options, $0)
    }
    extendLifetime(parameters)
    extendLifetime(means)
    extendLifetime(variances)
    extendLifetime(steps)
}

func stepSGD(
    _ parameters: [Tensor], velocities: [Tensor], _ options: LetheSGDOptions
) throws(LetheError) {
    var options = options
    let handles = unsafe parameters.handles
    let velocityHandles = unsafe velocities.handles
    try unsafe check {
        unsafe lethe_sgd_step(handles, velocityHandles, handles.count, &options, $0)
    }
    extendLifetime(parameters)
    extendLifetime(velocities)
}
