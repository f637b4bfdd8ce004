namespace Qi.Actors.House.Tests;

/// <summary>Names of types as C# writes them.</summary>
internal static class TypeNames
{
    private static readonly Dictionary<Type, string> s_keywords = new()
    {
        [typeof(void)] = "void", [typeof(object)] = "object", [typeof(string)] = "string", [typeof(bool)] = "bool",
        [typeof(byte)] = "byte", [typeof(sbyte)] = "sbyte", [typeof(short)] = "short", [typeof(ushort)] = "ushort",
        [typeof(int)] = "int", [typeof(uint)] = "uint", [typeof(long)] = "long", [typeof(ulong)] = "ulong",
        [typeof(nint)] = "nint", [typeof(nuint)] = "nuint", [typeof(char)] = "char", [typeof(float)] = "float",
        [typeof(double)] = "double", [typeof(decimal)] = "decimal",
    };

    /// <summary>The name with its namespace and its type parameters.</summary>
    public static string Full(Type type)
        => type.IsNested ? $"{Full(type.DeclaringType!)}.{Own(type)}" : $"{type.Namespace}.{Own(type)}";

    /// <summary>The name without its namespace; keywords where there are some.</summary>
    public static string Short(Type type)
    {
        if (type.IsByRef)
            return Short(type.GetElementType()!);
        if (type.IsPointer)
            return Short(type.GetElementType()!) + "*";
        if (type.IsArray)
            return $"{Short(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (s_keywords.TryGetValue(type, out string? keyword))
            return keyword;
        if (type.IsGenericParameter || type.IsFunctionPointer)
            return type.IsFunctionPointer ? "delegate*" : type.Name;
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Short(underlying) + "?";
        return type.IsNested ? $"{Short(Outer(type))}.{Own(type)}" : Own(type);
    }

    // A nested type repeats the type parameters of its outer type: they are written there, and only there.
    private static string Own(Type type)
    {
        int tick = type.Name.IndexOf('`', StringComparison.Ordinal);
        if (tick < 0)
            return type.Name;

        int inherited = type.IsNested ? type.DeclaringType!.GetGenericArguments().Length : 0;
        IEnumerable<string> arguments = type.GetGenericArguments().Skip(inherited).Select(Argument);
        return $"{type.Name[..tick]}<{string.Join(", ", arguments)}>";
    }

    private static string Argument(Type type)
    {
        if (!type.IsGenericParameter)
            return Short(type);

        string variance = type.DeclaringMethod is null
            ? (type.GenericParameterAttributes & System.Reflection.GenericParameterAttributes.VarianceMask) switch
            {
                System.Reflection.GenericParameterAttributes.Covariant => "out ",
                System.Reflection.GenericParameterAttributes.Contravariant => "in ",
                _ => "",
            }
            : "";
        return variance + type.Name;
    }

    private static Type Outer(Type type)
    {
        Type outer = type.DeclaringType!;
        if (!outer.IsGenericTypeDefinition)
            return outer;

        Type[] arguments = [.. type.GetGenericArguments().Take(outer.GetGenericArguments().Length)];
        return outer.MakeGenericType(arguments);
    }
}
