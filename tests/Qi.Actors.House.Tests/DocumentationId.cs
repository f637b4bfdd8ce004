// The names under which the compiler files documentation comments, as annex D of the C# standard describes them.

using System.Reflection;
using System.Text;

namespace Qi.Actors.House.Tests;

/// <summary>The key of a type or member in a documentation file.</summary>
internal static class DocumentationId
{
    /// <summary>The key of a type.</summary>
    public static string Of(Type type) => "T:" + Declared(type);

    /// <summary>The key of a member.</summary>
    public static string Of(MemberInfo member)
    {
        string owner = Declared(member.DeclaringType!);
        string name = member.Name.Replace('.', '#').Replace('<', '{').Replace('>', '}');
        return member switch
        {
            Type type => Of(type),
            FieldInfo => $"F:{owner}.{name}",
            EventInfo => $"E:{owner}.{name}",
            PropertyInfo property => $"P:{owner}.{name}{Parameters(property.GetIndexParameters())}",
            MethodBase method => $"M:{owner}.{name}{Arity(method)}{Parameters(method.GetParameters())}{Conversion(method)}",
            _ => throw new ArgumentException($"{member} has no documentation key.", nameof(member)),
        };
    }

    private static string Declared(Type type)
    {
        Type open = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        return open.FullName!.Replace('+', '.');
    }

    private static string Arity(MethodBase method)
        => method.IsGenericMethodDefinition ? "``" + method.GetGenericArguments().Length : "";

    private static string Conversion(MethodBase method)
        => method is MethodInfo { Name: "op_Implicit" or "op_Explicit" or "op_CheckedExplicit" } conversion
            ? "~" + Used(conversion.ReturnType)
            : "";

    private static string Parameters(ParameterInfo[] parameters)
        => parameters.Length == 0 ? "" : $"({string.Join(',', parameters.Select(parameter => Used(parameter.ParameterType)))})";

    private static string Used(Type type)
    {
        if (type.IsByRef)
            return Used(type.GetElementType()!) + "@";
        if (type.IsPointer)
            return Used(type.GetElementType()!) + "*";
        if (type.IsArray)
            return Used(type.GetElementType()!) + Rank(type.GetArrayRank());
        if (type.IsGenericParameter)
            return (type.DeclaringMethod is null ? "`" : "``") + type.GenericParameterPosition;
        return type.IsGenericType ? Constructed(type) : Declared(type);
    }

    private static string Rank(int rank)
        => rank == 1 ? "[]" : $"[{string.Join(',', Enumerable.Repeat("0:", rank))}]";

    // Each level of a nested generic type takes its own arguments: Outer{A}.Inner{B}.
    private static string Constructed(Type type)
    {
        Type[] arguments = type.GetGenericArguments();
        var text = new StringBuilder();
        int taken = 0;
        foreach (string part in Declared(type).Split('.'))
        {
            int tick = part.IndexOf('`', StringComparison.Ordinal);
            text.Append(text.Length > 0 ? "." : "").Append(tick < 0 ? part : part[..tick]);
            if (tick < 0)
                continue;

            int count = int.Parse(part[(tick + 1)..]);
            text.Append('{').AppendJoin(',', arguments.Skip(taken).Take(count).Select(Used)).Append('}');
            taken += count;
        }

        return text.ToString();
    }
}
