// Fields and methods that the framework keeps for itself, as delegates. They are compiled once, by DynamicMethod, and not called
// by reflection, because some of them are used in every turn. UnsafeAccessor cannot give a reference to a field whose type is not
// visible; a dynamic method can, as a reference to object. Such a reference is written only with values that came from a field of the
// same type.
//
// A framework of another version may lack a member: then MissingMemberException says which.

using System.Reflection;
using System.Reflection.Emit;

namespace Qi.Actors.Testing.Outside;

/// <summary>A field of some instance, or of this thread.</summary>
internal delegate ref T FieldOf<T>(object? instance);

/// <summary>A field of an element of an array that is a field of some instance.</summary>
internal delegate ref T ElementOf<T>(object instance, int index);

/// <summary>Makes delegates for private members.</summary>
internal static class PrivateMember
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance;

    /// <summary>A type of the core library, by its full name.</summary>
    public static Type Type(string name)
        => typeof(object).Assembly.GetType(name) ?? throw new MissingMemberException($"The core library has no type {name}.");

    /// <summary>A field. <typeparamref name="T"/> is its type, or object for any class. A static field takes null for the instance.</summary>
    public static FieldOf<T> Field<T>(Type owner, string name)
    {
        var field = Find<T>(owner, name);
        var method = new DynamicMethod($"ref {name}", typeof(T).MakeByRefType(), [typeof(object)], owner.Module, skipVisibility: true);
        var il = method.GetILGenerator();
        if (!field.IsStatic)
            il.Emit(OpCodes.Ldarg_0);
        il.Emit(field.IsStatic ? OpCodes.Ldsflda : OpCodes.Ldflda, field);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<FieldOf<T>>();
    }

    /// <summary>A field of a struct that is a field.</summary>
    public static FieldOf<T> InnerField<T>(Type owner, string outer, string inner)
    {
        var outerField = owner.GetField(outer, All) ?? throw Missing(owner, outer);
        var innerField = Find<T>(outerField.FieldType, inner);
        var method = new DynamicMethod($"ref {inner}", typeof(T).MakeByRefType(), [typeof(object)], owner.Module, skipVisibility: true);
        var il = method.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldflda, outerField);
        il.Emit(OpCodes.Ldflda, innerField);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<FieldOf<T>>();
    }

    /// <summary>A field of the structs of an array that is a field.</summary>
    public static ElementOf<T> ElementField<T>(Type owner, string array, string inner)
    {
        var arrayField = owner.GetField(array, All) ?? throw Missing(owner, array);
        var element = arrayField.FieldType.GetElementType() ?? throw Missing(owner, array);
        var innerField = Find<T>(element, inner);
        var method = new DynamicMethod($"ref {inner}", typeof(T).MakeByRefType(), [typeof(object), typeof(int)], owner.Module, skipVisibility: true);
        var il = method.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldfld, arrayField);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Ldelema, element);
        il.Emit(OpCodes.Ldflda, innerField);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<ElementOf<T>>();
    }

    /// <summary>A method. The delegate's parameters are the instance and the arguments; each may be object where the method has a class.</summary>
    public static TDelegate Method<TDelegate>(Type owner, string name, params Type[] parameters)
        where TDelegate : Delegate
    {
        var target = owner.GetMethod(name, All, parameters) ?? throw Missing(owner, name);
        var signature = typeof(TDelegate).GetMethod("Invoke")!;
        var arguments = Array.ConvertAll(signature.GetParameters(), parameter => parameter.ParameterType);
        int expected = parameters.Length + (target.IsStatic ? 0 : 1);
        if (arguments.Length != expected || (signature.ReturnType == typeof(void)) != (target.ReturnType == typeof(void)))
            throw Missing(owner, name);

        var method = new DynamicMethod(name, signature.ReturnType, arguments, owner.Module, skipVisibility: true);
        var il = method.GetILGenerator();
        for (short index = 0; index < arguments.Length; index++)
            il.Emit(OpCodes.Ldarg, index);
        il.Emit(target.IsVirtual ? OpCodes.Callvirt : OpCodes.Call, target);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<TDelegate>();
    }

    /// <summary>The value of a static field.</summary>
    public static object StaticValue(Type owner, string name)
        => (owner.GetField(name, All) ?? throw Missing(owner, name)).GetValue(null) ?? throw Missing(owner, name);

    private static FieldInfo Find<T>(Type owner, string name)
    {
        var field = owner.GetField(name, All) ?? throw Missing(owner, name);
        bool fits = field.FieldType == typeof(T) || (typeof(T) == typeof(object) && !field.FieldType.IsValueType);
        return fits ? field : throw new MissingMemberException($"{owner.FullName}.{name} is a {field.FieldType.Name}, not a {typeof(T).Name}.");
    }

    private static MissingMemberException Missing(Type owner, string name) => new($"{owner.FullName} has no {name} of the expected form.");
}
