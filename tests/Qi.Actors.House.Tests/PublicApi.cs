using System.Reflection;
using System.Runtime.CompilerServices;

namespace Qi.Actors.House.Tests;

/// <summary>Which types and members others can see.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    /// <summary>The types that code outside of the assembly can name.</summary>
    public static IEnumerable<Type> Types(Assembly assembly) => assembly.GetTypes().Where(IsVisible);

    /// <summary>The members that are visible outside, without accessors and what the compiler adds.</summary>
    public static IEnumerable<MemberInfo> Members(Type type)
        => type.GetMembers(Declared).Where(member => member switch
        {
            ConstructorInfo constructor => IsVisible(constructor) && !IsGenerated(constructor),
            MethodInfo method => IsVisible(method) && !IsGenerated(method) && (!method.IsSpecialName || IsOperator(method)),
            PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsVisible) && !IsGenerated(property),
            EventInfo @event => @event.AddMethod is { } add && IsVisible(add),
            FieldInfo field => (field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly) && !field.IsSpecialName,
            _ => false,
        });

    /// <summary>Whether a method can be called or overridden from outside.</summary>
    public static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsVisible(Type type)
    {
        if (type.Name.Contains('<', StringComparison.Ordinal) || IsGenerated(type))
            return false;
        if (!type.IsNested)
            return type.IsPublic;

        return (type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem) && IsVisible(type.DeclaringType!);
    }

    private static bool IsOperator(MethodInfo method) => method.Name.StartsWith("op_", StringComparison.Ordinal);

    private static bool IsGenerated(MemberInfo member) => member.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);
}
