// Gradients, the thread's gradient mode, and AdamW and SGD over LibTorch's fused kernels.

#include <torch/csrc/autograd/autograd.h>

#include "Guard.h"
#include "shim_autograd.h"
#include "shim_optimizers.h"

using lethe::guarded;

namespace {

/// The fused kernels walk raw memory, so parameter, gradient and state must lie alike.
at::Tensor laidOutLike(const at::Tensor &parameter, const at::Tensor &gradient) {
    TORCH_CHECK(
        parameter.is_non_overlapping_and_dense(),
        "a parameter of an optimiser has to be dense in memory; copy it first");
    TORCH_CHECK(
        parameter.sizes() == gradient.sizes(), "gradient of shape ", gradient.sizes(),
        " for a parameter of shape ", parameter.sizes());
    if (parameter.strides() == gradient.strides()
        && parameter.scalar_type() == gradient.scalar_type()) {
        return gradient;
    }
    return at::empty_like(parameter, at::MemoryFormat::Preserve).copy_(gradient);
}

/// The parameters that have a gradient, and those gradients.
struct Updates {
    Updates(const LetheTensorRef *handles, size_t count) {
        for (size_t index = 0; index < count; index++) {
            const auto &parameter = handles[index]->value;
            const auto &gradient = parameter.grad();
            if (!gradient.defined()) continue;
            indices.push_back(index);
            parameters.push_back(parameter);
            gradients.push_back(laidOutLike(parameter, gradient));
        }
    }

    std::vector<at::Tensor> pick(const LetheTensorRef *handles) const {
        std::vector<at::Tensor> picked;
        picked.reserve(indices.size());
        for (size_t index : indices) picked.push_back(handles[index]->value);
        return picked;
    }

    std::vector<size_t> indices;
    std::vector<at::Tensor> parameters;
    std::vector<at::Tensor> gradients;
};

}  // namespace

LetheStatus lethe_requires_gradient(LetheTensorRef tensor, bool *out, char **message) {
    return guarded(message, [&] { *out = tensor->value.requires_grad(); });
}

LetheStatus lethe_set_requires_gradient(LetheTensorRef tensor, bool on, char **message) {
    return guarded(message, [&] {
        TORCH_CHECK(
            on || tensor->value.is_leaf(),
            "you can only change requires_grad flags of leaf variables; detach the tensor instead");
        tensor->value.set_requires_grad(on);
    });
}

LetheStatus lethe_backward(LetheTensorRef tensor, bool keeping_graph, char **message) {
    return guarded(message, [&] { torch::autograd::backward({tensor->value}, {}, keeping_graph); });
}

LetheStatus lethe_gradient(LetheTensorRef tensor, LetheTensorRef *out, char **message) {
    return guarded(message, [&] { lethe::boxAll({tensor->value.grad()}, out); });
}

LetheStatus lethe_set_gradients(
    const LetheTensorRef *tensors, size_t count, LetheTensorRef gradient, char **message) {
    return guarded(message, [&] {
        for (size_t index = 0; index < count; index++) {
            auto &slot = tensors[index]->value.mutable_grad();
            slot = gradient == nullptr ? at::Tensor() : gradient->value;
        }
    });
}

LetheStatus lethe_gradients_of(
    LetheTensorRef output, const LetheTensorRef *inputs, size_t count, bool keeping_graph,
    LetheTensorRef *outs, char **message) {
    return guarded(message, [&] {
        auto gradients = torch::autograd::grad(
            {output->value}, lethe::tensors(inputs, count), {}, keeping_graph, false, true);
        lethe::boxAll(gradients, outs);
    });
}

LetheStatus lethe_clip_gradients(
    const LetheTensorRef *tensors, size_t count, double maximum, double *norm, char **message) {
    return guarded(message, [&] {
        at::NoGradGuard noGradient;
        std::vector<at::Tensor> gradients;
        for (size_t index = 0; index < count; index++) {
            const auto &gradient = tensors[index]->value.grad();
            if (gradient.defined()) gradients.push_back(gradient);
        }
        *norm = 0;
        if (gradients.empty()) return;
        auto norms = at::stack(at::_foreach_norm(gradients, 2));
        *norm = at::linalg_vector_norm(norms, 2).item().toDouble();
        // The same small number as torch.nn.utils.clip_grad_norm_, so that results agree.
        double factor = maximum / (*norm + 1e-6);
        if (factor < 1) at::_foreach_mul_(gradients, factor);
    });
}

bool lethe_gradient_mode(void) { return at::GradMode::is_enabled(); }
void lethe_set_gradient_mode(bool on) { at::GradMode::set_enabled(on); }

LetheStatus lethe_adamw_step(
    const LetheTensorRef *parameters, const LetheTensorRef *means, const LetheTensorRef *variances,
    const LetheTensorRef *steps, size_t count, const LetheAdamWOptions *options, char **message) {
    return guarded(message, [&] {
        at::NoGradGuard noGradient;
        Updates updates(parameters, count);
        if (updates.indices.empty()) return;
        auto stepCounts = updates.pick(steps);
        at::_foreach_add_(stepCounts, 1);
        at::_fused_adamw_(
            updates.parameters, updates.gradients, updates.pick(means), updates.pick(variances), {},
            stepCounts, options->learning_rate, options->beta1, options->beta2,
            options->weight_decay, options->epsilon, /*amsgrad=*/false, /*maximize=*/false);
    });
}

LetheStatus lethe_sgd_step(
    const LetheTensorRef *parameters, const LetheTensorRef *velocities, size_t count,
    const LetheSGDOptions *options, char **message) {
    return guarded(message, [&] {
        at::NoGradGuard noGradient;
        Updates updates(parameters, count);
        if (updates.indices.empty()) return;
        std::vector<at::Tensor> picked;
        if (options->momentum != 0) picked = updates.pick(velocities);
        // Zero velocities make the first step equal to torch's "start with the gradient".
        at::_fused_sgd_(
            updates.parameters, updates.gradients, picked, options->weight_decay,
            options->momentum, options->learning_rate, /*dampening=*/0.0, options->nesterov,
            /*maximize=*/false, /*is_first_step=*/false);
    });
}
