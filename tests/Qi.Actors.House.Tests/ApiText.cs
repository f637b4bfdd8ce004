// Writes what an assembly offers to others as text: one line a type, one line a member, sorted, so that a change of the API
// is a change of a checked-in file. Nullable annotations are not part of it.

using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Qi.Actors.House.Tests;

/// <summary>The public API of an assembly as sorted text.</summary>
internal static class ApiText
{
    /// <summary>The whole API, one type after the other.</summary>
    public static string Write(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (Type type in PublicApi.Types(assembly).OrderBy(TypeNames.Full, StringComparer.Ordinal))
        {
            text.Append(Head(type)).Append('\n');
            foreach (string member in Lines(type))
                text.Append("  ").Append(member).Append('\n');
        }

        return text.ToString();
    }

    private static IEnumerable<string> Lines(Type type)
    {
        if (IsDelegate(type))
            return [];

        return type.IsEnum ? EnumValues(type) : PublicApi.Members(type).Select(Line).Order(StringComparer.Ordinal);
    }

    private static string Head(Type type)
    {
        if (IsDelegate(type))
            return DelegateHead(type);

        string bases = string.Join(", ", BasesOf(type));
        return $"{TypeAccess(type)}{Kind(type)} {TypeNames.Full(type)}{(bases.Length > 0 ? " : " + bases : "")}{Constraints(type.GetGenericArguments())}";
    }

    private static bool IsDelegate(Type type) => typeof(Delegate).IsAssignableFrom(type);

    private static string DelegateHead(Type type)
    {
        MethodInfo invoke = type.GetMethod("Invoke")!;
        return $"{TypeAccess(type)}delegate {Reference(invoke.ReturnParameter)}{TypeNames.Short(invoke.ReturnType)} " +
            $"{TypeNames.Full(type)}({Parameters(invoke.GetParameters())}){Constraints(type.GetGenericArguments())}";
    }

    private static string TypeAccess(Type type) => type.IsNestedFamily || type.IsNestedFamORAssem ? "protected " : "public ";

    private static string Kind(Type type)
    {
        if (type.IsEnum)
            return "enum";
        if (type.IsInterface)
            return "interface";
        if (type.IsValueType)
        {
            string refKind = type.IsByRefLike ? "ref " : "";
            return (type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "") + refKind + "struct";
        }

        if (type.IsAbstract)
            return type.IsSealed ? "static class" : "abstract class";
        return type.IsSealed ? "sealed class" : "class";
    }

    private static IEnumerable<string> BasesOf(Type type)
    {
        if (type.IsEnum)
            return [TypeNames.Short(Enum.GetUnderlyingType(type))];

        IEnumerable<string> parents = type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType)
            ? [TypeNames.Short(parent)]
            : [];
        return parents.Concat(type.GetInterfaces()
            .Where(face => face.IsVisible)
            .Select(TypeNames.Short)
            .Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> EnumValues(Type type)
        => Enum.GetNames(type)
            .Select(name => (Name: name, Value: Convert.ToDecimal(Enum.Parse(type, name), CultureInfo.InvariantCulture)))
            .OrderBy(pair => pair.Value)
            .ThenBy(pair => pair.Name, StringComparer.Ordinal)
            .Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Name} = {pair.Value}"));

    private static string Line(MemberInfo member) => member switch
    {
        ConstructorInfo constructor => $"{Access(constructor)}ctor({Parameters(constructor.GetParameters())})",
        MethodInfo method => MethodLine(method),
        PropertyInfo property => PropertyLine(property),
        EventInfo @event => $"{Modifiers(@event.AddMethod!)}event {TypeNames.Short(@event.EventHandlerType!)} {@event.Name}",
        FieldInfo field => FieldLine(field),
        _ => member.ToString()!,
    };

    private static string MethodLine(MethodInfo method)
    {
        Type[] generics = method.IsGenericMethodDefinition ? method.GetGenericArguments() : [];
        string arguments = generics.Length > 0 ? $"<{string.Join(", ", generics.Select(type => type.Name))}>" : "";
        return $"{Modifiers(method)}{Reference(method.ReturnParameter)}{TypeNames.Short(method.ReturnType)} {method.Name}{arguments}" +
            $"({Parameters(method.GetParameters())}){Constraints(generics)}";
    }

    private static string PropertyLine(PropertyInfo property)
    {
        MethodInfo[] accessors = [.. property.GetAccessors(nonPublic: true).Where(PublicApi.IsVisible)];
        string index = property.GetIndexParameters() is { Length: > 0 } parameters ? $"[{Parameters(parameters)}]" : "";
        string access = Modifiers(accessors.FirstOrDefault(accessor => accessor.IsPublic) ?? accessors[0]);
        IEnumerable<string> parts = accessors.Select(accessor => AccessorPart(accessor, access)).Order(StringComparer.Ordinal);
        string required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        return $"{access}{required}{TypeNames.Short(property.PropertyType)} {property.Name}{index} {{ {string.Join(" ", parts)} }}";
    }

    private static string AccessorPart(MethodInfo accessor, string access)
    {
        bool init = accessor.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
        string kind = accessor.ReturnType != typeof(void) ? "get;" : init ? "init;" : "set;";
        return access.StartsWith("public ", StringComparison.Ordinal) && !accessor.IsPublic ? "protected " + kind : kind;
    }

    private static string FieldLine(FieldInfo field)
    {
        string access = field.IsPublic ? "public " : "protected ";
        string kind = field.IsLiteral ? "const " : (field.IsStatic ? "static " : "") + (field.IsInitOnly ? "readonly " : "");
        string value = field.IsLiteral ? " = " + Literal(field.GetRawConstantValue()) : "";
        return $"{access}{kind}{TypeNames.Short(field.FieldType)} {field.Name}{value}";
    }

    private static string Access(MethodBase method) => method.IsPublic ? "public " : "protected ";

    private static string Modifiers(MethodInfo method)
    {
        if (method.DeclaringType!.IsInterface)
            return Access(method) + (method.IsStatic ? "static " : "") + (method.IsAbstract ? "abstract " : "default ");

        string kind = method switch
        {
            { IsStatic: true } => "static ",
            { IsAbstract: true } => "abstract ",
            { IsVirtual: true, IsFinal: true } => "",
            { IsVirtual: true } when method.GetBaseDefinition() != method => "override ",
            { IsVirtual: true } => "virtual ",
            _ => "",
        };
        return Access(method) + kind;
    }

    private static string Parameters(IEnumerable<ParameterInfo> parameters) => string.Join(", ", parameters.Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        string many = parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute)) ? "params " : "";
        string extended = parameter.Position == 0 && parameter.Member.IsDefined(typeof(ExtensionAttribute)) ? "this " : "";
        string value = parameter.HasDefaultValue ? " = " + Literal(parameter.RawDefaultValue) : "";
        return $"{extended}{many}{Reference(parameter)}{TypeNames.Short(parameter.ParameterType)} {parameter.Name}{value}";
    }

    private static string Reference(ParameterInfo parameter)
    {
        if (!parameter.ParameterType.IsByRef)
            return "";
        if (parameter.IsOut)
            return "out ";
        if (parameter.IsDefined(typeof(RequiresLocationAttribute)))
            return "ref readonly ";
        bool readOnly = parameter.IsDefined(typeof(IsReadOnlyAttribute));
        bool returned = parameter.Position < 0;
        return (readOnly, returned) switch { (true, true) => "ref readonly ", (true, false) => "in ", _ => "ref " };
    }

    private static string Literal(object? value) => value switch
    {
        null => "default",
        string text => $"\"{text}\"",
        bool truth => truth ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Constraints(Type[] arguments) => string.Concat(arguments.Where(type => type.IsGenericParameter).Select(Constraint));

    private static string Constraint(Type argument)
    {
        GenericParameterAttributes attributes = argument.GenericParameterAttributes;
        var parts = new List<string>();
        if (attributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
            parts.Add("class");
        if (attributes.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint))
            parts.Add("struct");
        parts.AddRange(argument.GetGenericParameterConstraints()
            .Where(type => type != typeof(ValueType))
            .Select(TypeNames.Short)
            .Order(StringComparer.Ordinal));
        if (attributes.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) && !parts.Contains("struct"))
            parts.Add("new()");
        if (attributes.HasFlag(GenericParameterAttributes.AllowByRefLike))
            parts.Add("allows ref struct");
        return parts.Count > 0 ? $" where {argument.Name} : {string.Join(", ", parts)}" : "";
    }
}
