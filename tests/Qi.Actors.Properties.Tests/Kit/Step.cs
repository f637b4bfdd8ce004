using System.Globalization;
using System.Reflection;

namespace Qi.Actors.Properties.Tests.Kit;

/// <summary>
/// One step of a random program. A step is defined for every state and for every number in its parameters, so that a program
/// stays a program when steps are left out and numbers shrink towards zero.
/// </summary>
internal abstract record Step<TSubject>
{
    /// <summary>Does the step on the subject and on its model, and compares the two.</summary>
    public abstract void Run(TSubject subject);

    /// <summary>The same step with simpler parameters.</summary>
    public IEnumerable<Step<TSubject>> Simpler()
    {
        var constructor = GetType().GetConstructors().Single();
        object?[] values = [.. constructor.GetParameters().Select(parameter => ValueOf(parameter.Name!))];
        for (int i = 0; i < values.Length; i++)
        {
            foreach (object simpler in SimplerThan(values[i]))
            {
                object?[] others = [.. values];
                others[i] = simpler;
                yield return (Step<TSubject>)constructor.Invoke(others);
            }
        }
    }

    /// <summary>The step as a call.</summary>
    public sealed override string ToString()
    {
        var parameters = GetType().GetConstructors().Single().GetParameters();
        return $"{GetType().Name}({string.Join(", ", parameters.Select(parameter => Convert.ToString(ValueOf(parameter.Name!), CultureInfo.InvariantCulture)))})";
    }

    private object? ValueOf(string parameter)
        => GetType().GetProperty(parameter, BindingFlags.Instance | BindingFlags.Public)!.GetValue(this);

    private static IEnumerable<object> SimplerThan(object? value) => value switch
    {
        int number => Nearer(number).Select(nearer => (object)(int)nearer),
        long number => Nearer(number).Select(nearer => (object)nearer),
        true => [false],
        _ => [],
    };

    private static IEnumerable<long> Nearer(long number)
        => new[] { 0, number / 2, number - Math.Sign(number) }.Where(nearer => nearer != number).Distinct();
}
