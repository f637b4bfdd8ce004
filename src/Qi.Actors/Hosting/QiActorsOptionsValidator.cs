using Microsoft.Extensions.Options;

namespace Qi.Actors.Hosting;

/// <summary>Refuses options that are out of range, when the host starts.</summary>
internal sealed class QiActorsOptionsValidator : IValidateOptions<QiActorsOptions>
{
    public ValidateOptionsResult Validate(string? name, QiActorsOptions options)
    {
        var errors = options.Validate();
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
