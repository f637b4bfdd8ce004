// The compiler spreads a method over types and methods of names that nobody wrote: a state machine for an async method, a class for what
// a lambda captures. These are the ways back to what stands in the source.

using System.Reflection;
using System.Runtime.CompilerServices;

namespace Qi.Actors.Testing.Outside;

/// <summary>Names of types and methods as their author wrote them.</summary>
internal static class CodeNames
{
    /// <summary>"Store", "Outer.Inner".</summary>
    public static string OfType(Type type)
    {
        string name = WithoutArity(type.Name);
        return type.DeclaringType is { } outer && !type.IsGenericParameter ? $"{OfType(SourceType(outer))}.{name}" : name;
    }

    /// <summary>"Store.LoadAsync", for the state machine as for the method; "Store.LoadAsync (lambda)", "Store.LoadAsync.Local".</summary>
    public static string OfMethod(MethodBase method)
    {
        var type = method.DeclaringType;
        if (type is null)
            return method.Name;
        if (method.Name is nameof(IAsyncStateMachine.MoveNext) && OfStateMachine(type) is { } source)
            return source;

        string owner = OfType(SourceType(type));
        if (method.IsConstructor)
            return $"new {owner}";
        if (method.IsSpecialName && (method.Name.StartsWith("get_", StringComparison.Ordinal) || method.Name.StartsWith("set_", StringComparison.Ordinal)))
            return $"{owner}.{method.Name[4..]}";
        return $"{owner}.{OfGenerated(method.Name)}";
    }

    /// <summary>The async method or iterator that became this type, or null if it is no such type.</summary>
    public static string? OfStateMachine(Type type)
    {
        bool isGenerated = type.Name.StartsWith('<') && type.DeclaringType is not null;
        return isGenerated ? $"{OfType(SourceType(type))}.{OfGenerated(type.Name)}" : null;
    }

    // Names are <Method>d__1, <Method>b__0_0, <Method>g__Local|0_0, and one in the other: <<Method>b__0_0>d.
    private static string OfGenerated(string name)
    {
        name = WithoutArity(name);
        int close = name.LastIndexOf('>');
        if (!name.StartsWith('<') || close < 2)
            return name;

        string inner = OfGenerated(name[1..close]);
        string rest = name[(close + 1)..];
        if (rest.StartsWith("b__", StringComparison.Ordinal))
            return $"{inner} (lambda)";
        if (rest.StartsWith("g__", StringComparison.Ordinal))
            return $"{inner}.{rest[3..].Split('|')[0]}";
        return inner;
    }

    private static Type SourceType(Type type)
    {
        while (type.Name.StartsWith('<') && type.DeclaringType is { } outer)
            type = outer;
        return type;
    }

    private static string WithoutArity(string name)
    {
        int tick = name.IndexOf('`', StringComparison.Ordinal);
        return tick < 0 ? name : name[..tick];
    }
}
