using System.Diagnostics.CodeAnalysis;

namespace Qi.Actors;

/// <summary>An actor's path in its system, such as <c>/user/orders</c>.</summary>
public readonly record struct ActorPath
{
    internal const string UserRoot = "/user/";

    private readonly string? _value;

    private ActorPath(string value) => _value = value;

    /// <summary>The last part.</summary>
    public string Name => Value[(Value.LastIndexOf('/') + 1)..];

    /// <summary>The whole path.</summary>
    public string Value => _value ?? "/";

    /// <summary>The path of a user's actor with this name.</summary>
    /// <exception cref="ArgumentException">The name is empty, longer than 256 characters, begins with $, or holds a slash, a control character or a blank.</exception>
    public static ActorPath ForUser(string name)
    {
        ValidateName(name);
        return new ActorPath(UserRoot + name);
    }

    /// <inheritdoc/>
    public override string ToString() => Value;

    internal static ActorPath ForAnonymous(long number) => new($"{UserRoot}${number}");

    internal static void ValidateName([NotNull] string? name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string? problem = name.Length switch
        {
            0 => "is empty",
            > 256 => $"is {name.Length} characters long",
            _ when name[0] == '$' => "begins with $, which marks the names that the system gives",
            _ => null,
        };
        foreach (char c in name)
        {
            if (c == '/' || char.IsControl(c) || char.IsWhiteSpace(c))
                problem ??= $"holds the character '{c}' (U+{(int)c:X4})";
        }

        if (problem is not null)
            throw new ArgumentException($"The actor name '{name}' {problem}. Use 1 to 256 characters without slashes, blanks and control characters, not beginning with $.", nameof(name));
    }
}
