using System;
using System.Runtime.InteropServices;
using System.Text;

namespace AuthKeep
{
    /// <summary>Text to and from the native library: UTF-8 that ends at a NUL.</summary>
    internal static class Utf8
    {
        private static readonly UTF8Encoding Strict = new UTF8Encoding(false, true);

        /// <summary>The bytes of a text that must be there; <paramref name="name"/> says
        /// in an error which argument it was. No error shows the text: it may be a secret.</summary>
        internal static byte[] Encode(string text, string name)
        {
            if (text == null)
            {
                throw new ArgumentNullException(name);
            }
            if (text.IndexOf('\0') >= 0)
            {
                throw new ArgumentException("The text contains a NUL character.", name);
            }
            try
            {
                byte[] bytes = new byte[Strict.GetByteCount(text) + 1];
                Strict.GetBytes(text, 0, text.Length, bytes, 0);
                return bytes;
            }
            catch (EncoderFallbackException)
            {
                throw new ArgumentException("The text has half of a surrogate pair.", name);
            }
        }

        /// <summary>The bytes of a text, or null for none.</summary>
        internal static byte[] EncodeOptional(string text, string name)
        {
            return text == null ? null : Encode(text, name);
        }

        /// <summary>The text at a pointer, or null for NULL.</summary>
        internal static string Decode(IntPtr text)
        {
            if (text == IntPtr.Zero)
            {
                return null;
            }
            int size = 0;
            while (Marshal.ReadByte(text, size) != 0)
            {
                size++;
            }
            byte[] bytes = new byte[size];
            Marshal.Copy(text, bytes, 0, size);
            return Encoding.UTF8.GetString(bytes);
        }

        /// <summary>The text that a native getter returns, or null. The handle owns it,
        /// so it is held until the text has been copied.</summary>
        internal static string Read<T>(T handle, Func<T, IntPtr> getter)
            where T : SafeHandle
        {
            bool held = false;
            try
            {
                handle.DangerousAddRef(ref held);
                return Decode(getter(handle));
            }
            finally
            {
                if (held)
                {
                    handle.DangerousRelease();
                }
            }
        }
    }
}
